/**
 * The only words of an error's message that reach a log. Messages quote input freely (a driver repeats the row, JSON.parse
 * the body), and no pattern tells a name from a word; so unknown words become an ellipsis.
 */
const WORDS = `
a abort aborted about access acknowledged acquire across active add address addresses after again against all allocate
allowed already an and another answer answered answers any application are argument arguments array as asked
assignment at attempt attempts attesta authenticate authentication authority available await away bad be because been
before begin begins begun behind being belong between bigint bind bits body boolean both breach break broker brokers
buffer bundle but by bytes call callback called can cannot canonical capability carried carries category certificate
chain change changed changes character characters check checkpoint checkpoints checksum ciphertext claim class client
clock close closed closing cluster code column command commit compile complete completed conflict connect connected
connecting connection connections consent consents constraint consumer content context continue continues convert
coordinator copy corrupt cosignature could cover create currently cursor cursors data database date deadlock decided
decode decrypt decryption default defined delete depth deserialize destroyed detected did different digest directory
disconnected discovery disk disposal divide division document does done double down downloaded driver duplicate each
element else empty encoding encrypt end ended endpoint ends engine enough entries entry erased error errors event
events exceed exceeded exceeds exception exclusion exist exists expected expired export exposure expression extra
failed failing failure fatal fetch fewer field file filled final find finite first followed for foreign forgotten form
format found free from frontier full function gave get getaddrinfo give given gone got group had handle handled
handler has hash hashes have header headers heartbeat holds host http identifier ids if implemented in inclusion
incomplete inconsistent index infinite initialized input insert inserted inside instead intake integer integrator
internal interrupted into invalid is issued issuer it iterable iterator its journal json jurisdiction jwe kafka kept
key keys kid kms knew known lacks large last late lead leader leaf least leaves ledger left length level limit line
lines list listed listen listening local lock locked log long longer looked lost macs made mail mailbox malformed
manifest many match matches maximum may member members memory message messages metadata method migration minimum
minutes mismatch missing module more most must name named names needed needs network never new newer newest no nobody
node none not notes nothing null number object of offset on once one only open operation operator option or order
origin out outbox outdated output over overflow own pack package packet page parameter parameters parse parsed parser
part parted partition partitions passed password path paths peer pending permission permissions personal plaintext
policies policy pool port position positions possible postgres postgresql prepared previous primary private procedure
process producer promise proof proofs properties property protection protocol prototype provider proxy public publish
publisher publishing query quorum range ranges reached read readiness reading readings ready receipt receipts receive
received recorded records recovery reference references refill refused register registered registers rejected relation
relay remaining remote removed replication request requested requests require required requires reset resolve resource
response restore restored rests result resume retired retries retry return returned revoked rfc role rolled root roots
rotated row rows rule run running said saved says schema sdk sealed second seconds secret secrets select send sender
sent sequence serializable serialize served server service session set setting should shut shutdown shutting sign
signature signatures signed since size skips slow sms smtp so socket something source space stack standby start
started starting startup state statement status stop stopped storage stream string subject subjects such support
supported surrogate syntax system systems table tables tail take taken tampered target task tasks tells template
templates temporarily terminated terminating termination text than that the their them then there this those though
through thrown tile time timed timeout timeouts times timestamp to together token too topic topics transaction
transient transit transport tree trees tried trigger truncated trusted try trying twice type types unable unauthorized
unavailable undefined under unexpected unhandled unique unknown unreachable unrecognized unsendable unsupported until
update updates upstream url use used user uses using uuid valid value values vault verifier verify version violates
violation wait waiting waits was webhook were what when where whether which while whole with within without witness
witnessed witnesses word would wrapped write writing written wrong yet your zero`;

const KNOWN = new Set(WORDS.trim().split(/\s+/));

/** The message with all words outside the vocabulary, all numbers and everything in quotes replaced by `…`. */
export function redactMessage(message: string): string {
  const shortened = message.slice(0, 600);
  const words = shortened.split(/[^\p{L}\p{N}\p{M}'’_@.+-]+/u).map((word) => {
    const bare = word.replace(/^['’.+-]+|['’.+-]+$/g, '');
    return bare === '' ? '' : KNOWN.has(bare.toLowerCase()) ? bare : '…';
  });
  return words
    .filter((word, at) => word !== '' && !(word === '…' && words[at - 1] === '…'))
    .join(' ')
    .slice(0, 300);
}
