/**
 * The only words of an error's message that reach a log. Messages quote input freely (a driver repeats the row, JSON.parse
 * the body), and no pattern tells a name from a word; so unknown words become an ellipsis.
 */
const WORDS = `
a about aborted abort access acknowledged acquire across active address after against all allocate allowed already an and another any
application are argument arguments array as assignment at attempt attempts authenticate authentication authority
available await bad be because been before begin between bigint bind body boolean broker brokers buffer but by bytes
call called can cannot capability certificate chain change character check checkpoint checksum class client
close closed closing cluster code column command commit compile complete conflict connect connecting connection
connections constraint consumer content context convert coordinator copy corrupt could create currently cursor data
database date deadlock decode decrypt decryption default defined delete depth deserialize destroyed detected did
different digest directory disconnected disk divide division does done double driver duplicate each element empty
encoding encrypt end ended engine enough entry error errors event exceed exceeded exceeds exception exclusion exist
exists expected expired expression extra failed failing failure fatal fetch field file final find first for foreign
form format found free from frontier full function get getaddrinfo given got group had handle handler has hash have
header headers heartbeat host http identifier if implemented in inclusion incomplete index infinite initialized input
insert inserted integer internal interrupted into invalid is it iterable iterator its json key keys large last lead leader
leaf left length level limit list listen local lock locked log long longer lost malformed many match matches maximum
may member memory message metadata method migration minimum mismatch missing module more most must name names network
new no node none not nothing null number object of offset on one only open operation operator option or order origin out
output over overflow own pack packet page parameter parameters parse parsed parser part partition partitions password
path peer pending permission permissions pool port position positions possible postgres prepared previous primary private
procedure process producer promise properties property protocol prototype proof proxy public query range ranges read
reading ready receive received recovery reference references refused register rejected relation remaining remote
removed replication request requested require required requires reset resolve resource response result resume retries
retry return returned revoked role rolled root row rows run running schema second seconds secret select send sent
sequence serialize serializable server service session set setting shut shutdown shutting signature size slow so socket
space stack standby start started starting startup state statement status stop stopped storage stream string subject
support supported syntax system table tables tail target temporarily terminated terminating termination than that the
them then there this thrown tile time timed timeout timeouts timestamp to token too topic transaction transient tree
trigger truncated try trying type types unable unauthorized unavailable undefined unexpected unhandled unique unknown
unreachable unrecognized unsupported until update updates upstream use used user uses using uuid value values verify
version violates violation wait waiting was were when where which while with within without would write writing written
wrong yet your zero`;

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
