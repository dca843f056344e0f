"""Words that begin with a capital only because a sentence or a title does: common English of business mail.

No name is found by this list; it keeps a title such as "Next Steps for Your Pilot" from being read as one.
"""

import re

COMMON = frozenset(
    re.findall(
        r"[a-z]+",
        """
able about above absolute abstract accept accepted accepts access accessed according account accurate across action
activat activate activation active actual actually adapted adapter add added adding addition additional address adds
adopt advanced affect after afternoon again against agenda ago agree agreeable agreed agriculture algorithm algorithms
alias aliases align aligned alignment all allow allowed allowing allows almost alnakheel alone along alpha already
also alternative although always am amazing among amount an analysis analytics and annotation annotations annoyed
annoys another answer answers any anybody anything anytime anyway apart app appear appears append appended applicable
application applied applies apply applying appointment appreciate approach appropriate approver approves april
arbitrary architecture are area arg args argue argument arguments arithmetic around arranged array arrays as asap
aside asks aspect assert asset assets assign assigned assignment associated assume assumed assumes assuming async at
attached attempt attempts attention attentions attorney attractions attribute attributes audio audit auditor audits
august authors autograd automatic automatically available average avoid avoids away awesome axes axis back backbone
backend backends background backlog backup backward backwards bad baltictimber bar bare base based basement basic
basis batch batched be bearings because become becomes been before begin beginning begun behalf behave behaves
behavior behaviour being belongs below besides best better between beverages beyond bias big billed binary bit bits
blank block blocked blocks board bodies body book booked bool boolean boost borrow bot both bottom bound boundaries
boundary bounding bounds box boxes branch break breaks brewing brief bring brisk broadcast broadcastable broadcasted
brochure broke broken brought budget budgets buffer buffers bug bugs build building builds built builtin bundled
buried business busy but button buys by byte bytes cache cached caches caching calculate calculated calculation
calendar call callable callback called caller callers calling calls came can cannot canonical capture captured care
careful carries carry case cases cast catch caught causal cause causes center certain chain change changed changes
changing channel channels char character characters chat check checked checking checklist checklists checkpoint
checkpoints checks cheers child children choice choices choose chosen chunk chunks circular class classes
classification clean cleans cleanup clear clearer click clicking client clinic close closed closes closest closing cls
code codes coefficient coefficients coffee coin collaborate collaboration colleague collect collected collection
collections collects color column columns combination combinations combine combined come comes coming command commands
comment comments commitment common company compare compared comparing comparison comparisons compatibility compatible
compilation compile compiled compiler complain complains complete completed completely complex compliance complicated
compliment component components compressed comprising computation compute computed computes computing concatenated
concrete condition conditional conditions confidence config configs configuration configured confirm conflict connect
connected connecting connection connections consecutive consent consequence consider considered consistency consistent
consisting consists console constant constants constraint constraints construct constructed construction constructor
consult consultation consulted consumed contain contained container containing contains content contents context
contiguous continue contract contractions contractor contributors control controls conv convenience convention
conversation conversion convert converted converting converts convolution coordinate coordinates copied copies copy
core corner correct correction correctly correspond corresponding corresponds cos cosine cost costs could council
count counted country counts cover covers create created creates creating creation crew cross cure curious currency
current currently custom customer customers cut cutting cycle dashboard data database dataclass dataclasses date
datetime day deadline deal dear debug debugging december decide decided decides decimal decision deck decode decoded
decoder decoding decomposition decorated decorator def default defaults define defined defines defining definition
definitions degree delete deleted delighted delta demand demo demonstration denominator dense department depend
dependencies dependency dependent depending depends deprecated deprecation depth der derived described describing
description descriptor deserves designed desired desk desktop destination detail detailed details detect detected
detection determine determined determines deterministic device devices dict dictionaries dictionary dicts did didn
diff differ difference differences different differently differs digits dim dimension dimensions dims dir direct
directed direction directly director directories directory disable disabled disagree discard discarded discount
discover discovering discuss discussion disk dispatch display disposal distance distinct distinguish distributed
distribution distutils divide division do docs docstring doctest document documentation documents does doing domain
done dormant dot double down download downstream downtime draft draw drawer drawings drawn drop dropout dropped dtype
dtypes dual due dull dummy duplicate during dust dynamic dynamically each eager earlier early easier easily easy edge
edges edit edited editing editor editors edits effect effective efficiency efficient either element elements elif else
elsewhere email embedded embedding embeddings emit emitted empty enable enabled enables encode encoded encoder
encoding encodings encountered end ending ends enforces engage engine engineer engineers enjoy enough ensure ensures
entire entirely entries entry env environment equal equality equally equals equation equipment equivalent error errors
escape escaped especially etc evaluate evaluated evaluation even evening event events eventually ever every everything
exact exactly example examples except exception exceptions excited exciting exclude excluded excluding exclusive
execute executed execution exist existing exists exit expan expand expanded expansion expect expected expects
expensive experience expertise experts explain explicit explicitly explore exploring export exported exports exposed
expr express expressed expression expressions extend extended extending extension extensions external extra extract
extracted eye facilities facility fact factor factors facts fail failed failing fails failure fake fall fallback falls
false family far fast faster fault feature features february feedback feel feels few fewer fewest field fields figure
figures file filename filenames files filesystem fill filled filter final find finding finds fine finished finite
fires firm first fit fits fix fixed flag flags flat flatten flattened float floating floats floor flow follow followed
following follows followup fond font foo food foods for force forgotten form formal format formats formatted
formatting former forming forms formula forty forward found four frac fraction frame frames framework free frequencies
frequency fresh friday from front frozen full fully fun func function functional functionality functions further fused
future gathered gathers general generally generate generated generates generating generation generator generators
generic get gets getting git give given gives giving glad gladly glass global go goal goes going gone good got
governing grad gradient gradients grand granitepeak graph graphs grease great greater greeting greetings grid group
groups grow growing growth guarantee guaranteed guard guess guide guides habit habits hack had half halls hand handle
handled handler handles handling hands happen happened happens happy hard harrowpike has hash hashlib haste hate hates
have having he head header headers heads healthcare hear hearing heart height hello help helpdesk helper helpers
helpful helping helps hence her here hereby hey hidden high higher highest him hint his history hit hold holding holds
home homework honest honour honoured hook hooks hope hoped hoping hospitality host hotel hotels hour houses how
however http https httpx idea ideas idempotent identical identifier identify identity idle ids ies if ignore ignored
ignoring ill image images immediately immutable implement implementation implementations implemented implementing
implements implicit implicitly implied import important imported importing imports improve improving in inbox include
included includes including incompatible incorrect increase increasing independent independently index indexed indexes
indexing indicate indicated indicates indicating indices individual industry inf infer inference inferred infinite
info information ing inherit inherited inherits init initial initialization initialize initialized inline inner
innovative inplace input inputs insert inserted inside insight insights inspect inspected inspection inspections
install installation installed instance instances instantiate instantiated instead int intake integer integers
integral integration integrations intended interest interested interface intermediate internal internally interpreted
interpreter interval into introduce introduced introducing introduction ints invalid inventory inverse invit
invitation invite inviting invoice invoke invoked is issue issues it item items iterable iterate iteration iterator
itertools its itself january job join joined joining journey joy july june just kauridairy keen keep keeping keeps
kept kernel kernels kestrelcold key keyed keys keyword keywords kick kickoff kill kind kindly knot know known knows
kwarg kwargs label labeller labelling labels laboratory labs laid lambda landed language languages large larger
largest laslomas last late later latter law lawyer layer layers layout lazily lazy lead leader leading leads lean
learn learned learning learns least leave leaves left legacy legal legitimate length lengths less let lets level
levels leverage lexer libraries library license licensed lifecycle light like likely limit limitations limited limits
line linear lines link links list listed lists literal literals little live load loaded loading loads local locale
locally located location locations log logging logic logins logistics logits long longer longest look looking looks
lookup loop loops lose loss lost lot loud love low lower lukasz lunch machine machines made mail mails main mainly
maintain maintenance major make makes making managed management manager managers manual manually manufacturing many
map mapleridge mapped mapping mappings maps march mark marked marker markers marking mask masked masking masks match
matched matches matching math matrices matrix matter matters max maximum may maybe me mean meaning means meant
mechanism meet meeting member members memory merge merged message messages messiest met meta metadata metal method
methods middle middles might min minds minimal minimum minor minutes misc misheard mismatch miss missing mixed mobile
mode model modeling models modes modest modification modified modify modular module modules moment monday money month
more morning mornings most mostly move moved moves moving much multimodal multiple multiplication multiply museums
must mutable my mypy name named names namespace naming narrow native nearest nearly necessarily necessary need needed
needs negative negotiation neither nested network never new newest newline newly next nice no node nodes noise non
none noqa nor norm normal normalization normalize normalized normally not notation note noted nothing notice noticed
noun november now null number numbers numeric numerical numpy obj object objects obligation obliged observation obtain
obtained occur occurred occurs october odd of off offer office offset offsets often old older omitted on onboard
onboarding once one ones only onto open opened opening openings opens operation operational operations operator
operators opportunities opportunity ops optimization optimize optimized option optional optionally options or order
ordered ordering ordinary origin original other others otherwise our ourselves out outer output outputs outside over
overdue overflow overhead overlap overlapping overlook overlooks overnight overridden override overrides overriding
overview overwrite overwritten owe own owns pace pacificcrest package packages packed pad padded padding page pair
pairs paper paragraph paragraphs parallel param parameter parameters params parent park parse parsed parser parsing
part parted partial particular partner partnering partnership parts pass passed passes passing passive past patch
patches path paths pattern patterns paused people per perform performance performed performing performs period
permissions permitted person phone photo phrase pick picked picking picks picture pilot pip pipeline pitch pixel
pixels place placed placeholder placeholders places plain plan planning plans plant plants platform platforms play
playbook please pleased pleasure plugin plus point pointer points polynomial pool pooled pooling pop populated port
ports position positional positions positive possible possibly post potential potentially power practice pragma
precedence precision predict predicted prediction predictions prefer preferred prefix prepare prepared preprocessing
present presentation preserve preserved preserves pressed pretty prevent prevents previous previously pric price
pricing primary print printed printing prior priority private probabilities probability probably problem problems
process processed processes processing processor produce produced produces product production productivity program
progress project projection prompt proof propagate proper properly properties property proposal propose protecting
protocol provide provided provider provides providing proxy public published punchy purchases pure purpose purposes
push put putting pygments pyrefly pytest python qualification quality quantization quantized quarter queries query
question questions quick quiet quite quote rail raise raised raises raising random range ranges rank ranked ranks
rapidfuzz rate rather ratio rational raw reach reached reaches reaching read readable reading reads ready real really
reason reasons recap receive received recent recently recipient recommended record recorded recording records
recursion recursive recursively redistribute reduce reduced reducing reduction redundant refer reference referenced
references refers regarding regardless regards regex region register registered registry regular related relative
release released relevant relies rely remain remaining remains remark remedy reminder remote remove removed removes
removing renamed render rendering renew renewal reorder repair repairs repeat repeated replace replaced replacement
replaces replacing replied reply report reported reports repository represent representation representations
represented representing represents request requested requests require required requirement requirements requires
reserved reset reshape residual resize resized resizing resolution resolve resolved resorts resource resources respect
respectively response responsible rest restore result resulting results retirement retires retrieve return returned
returning returns reuse reused reverse reviewer reviv revive rewrite right rights rival rng roll rollout rooms root
rope rotary rotated round rounding row rows ruff rule rules run running runs runtime safe safely safety said sales
same sample sampled samples sampling satisfy saturday save saved saving saw sawmills say scalar scalars scale scaled
scaling schedule schema scheme schemes scope score scores screen script search seat second seconds section security
see seed seeing seem seems seen sees segment segments select selected selection self semantic semantics send sender
sending sends sense sensors sent sentence sentences separate separated separately separator september seqlen sequence
sequences sequential serialization serialized series served server service session sessions set sets setting settings
settle settled setup several shall shape shapes share shared she short shorter shortly should shoulders shouted show
shown shows shutdown side sign signal signature signatures signs silence silent silently similar simple simpler
simplified simplify simply sin since sincerely sine single site sites situations size sizes ski skip skipped skips
slice slides sliding slightly slow slower slowly small smaller smallest so softmax software solution solutions solve
some somebody something sometimes soon sort sorted source sources space spaces span spare sparse spatial speak spec
special specialist specific specifically specification specified specifies specify specifying speed spend spent split
splitting spoil spoken spreadsheets spring sqrt square stable stack stage stages stall stalled stand standard stands
start started starting starts state statement statements states static status stay stays step steps stick stiff still
stop storage store stored stores stories storing story str straight strategy stream streamline streamlining strict
strictly stride strides string strings strip structure structures stud studies study stuff style subclass subclasses
subgraph subject subjects submitted submodule subsequent subset success successful such sufficient suffix suitable
suits sum summar summarise summary sunday superclass supervised supplied support supported supporting supports
supposed sure surprise surprises survive switch switched symbol symbolic symbols sympy sync synergy syntax sys system
systems table tables tablet tag tags take taken takes taking talk talks tape target targets task tasks team teams
technician technicians tell tells template templates temporary tend tensor tensors term terminal terminals terms test
tested testing tests text than thank thanking thanks that the their theirs them themselves then there therefore these
they thing things think thinking third this those though thought thoughts thread threads three threshold through
throughout throw thursday thus ticket tie time timed timeout times timezone tired title to today together token
tokenizer tokens tomorrow too took tool tools top torch toss tossed total touch tour trace traceback tracing track
tracking trade trailing trained training transform transformation transformed transformer transformers transforming
treat treated tree trial tries trigger triggered trouble true trust try trying tuesday tuple tuples turn turns twice
two type types typically typing unchanged undefined under underlying understand unicode union unique unit unknown
unless unlike unlock unlocking unplanned unset unsqueeze unsupported untie until unused up update updated updates
updating upgrade upload upon upper upsell url us usage use used useful user users uses using usual usually utilities
utility valid validate validation value values van vanishing var variable variables variant variants various vector
vectors verify version versionadded versionchanged versions very via video view visible vision visit visits vocabulary
voice vouch wait wake walk want wants warehouse warm warn warned warning warnings was watch way ways we weak webinar
wednesday week weeks weight weighted weights welcome well were wet what whatever whatsoever when whenever where
whereas wherever whether which while whitespace who whoever whole whom whose why width will win window windows wins
wishes with within without won word wordings words wordy work workaround worked working works workshop worth would
wrap wrapped wrapper wrapping wraps write writes writing written wrong wrote xdoctest year years yesterday yet yield
yields you your yours zero zeros
""",
    )
)
