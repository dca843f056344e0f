// emulate 0.11.2 has no option for it: whatever would listen on every interface listens on loopback.
const { Server } = require("node:net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  return typeof port === "number" ? listen.call(this, port, "127.0.0.1", ...rest.filter((one) => typeof one === "function"))
    : listen.call(this, port, ...rest);
};
