/**
 * The board's main.py: the only text that the board compiles itself, so it is short. It checks, starts and restarts the firmware.
 *
 * - Every module of a slot is compared with files.txt by size and SHA-256 before anything is imported: importing a .mpy that was
 *   cut short hangs for ever, and Ctrl-C does not end it.
 * - The runtime's own modules are imported while nothing but them is on sys.path, and put into sys.modules: MicroPython looks for
 *   most of them in every folder of the path first, three times each, each time that an import is run, and a look into a
 *   directory reads all of it from the flash.
 * - The modules are read through a second, read-only mount of the same file system with reads of 1 KB. The runtime's own reads
 *   128 bytes at a time, and each read of the flash stops both processors. Reads of 4 KB would take 9 KB more of the heap, which the
 *   import of the profile full has not. It is taken away again before the firmware starts. Where it cannot be had, the usual mount does.
 *   The heap is collected at once, and out here: the collector takes whatever lies on the stack for a reference, and from inside
 *   the loop, what is left there of the start kept 16 KB for good. The firmware makes its board, and loads the parts for links and for
 *   a router, at the first step, after that.
 * - Wi-Fi comes first: its buffers and the Python heap share memory, and the heap gives a piece back only when nothing is left in
 *   it. When it is full it doubles, or takes the largest piece there is; then no access point opens and no socket does (seen with the
 *   links: 160 bytes were left). So the stack of a thread, 16 KB, is held until three seconds after the firmware was loaded. With links
 *   it is three of 8 KB each, and then one or two more of what the heap has not taken. Behind each of them lie some open handles of
 *   NVS, about 45 bytes each, which stay: they keep the pieces apart, so that later the heap grows by 8 KB at a time, and not by all
 *   that Wi-Fi lives on. The first handles fill the holes that there are; a soft reset finds them all where
 *   they were. After a MemoryError nothing is held. And ESP-NOW takes its buffer first.
 * - The slot is "/a", or the one that /slot.txt names; if its check fails, the other one is tried. If none is sound, one log line
 *   says why and the REPL stays.
 * - __file__ says where the firmware is once the fast mount is gone: it loads some of its parts from there when it needs them, through
 *   fetch(), which brings the fast mount back for that moment, with reads of 256 bytes only once the board has started, or does
 *   without where there is no memory for it. __import__ in the firmware's own names comes before the builtin of that name.
 * - An exception out of the firmware prints its traceback, waits, and resets: 2, 4, ... 64 s, the count kept in RTC memory (unless
 *   the firmware keeps something else there) and forgotten after a minute of running. Ctrl-C works during the wait and, being no
 *   Exception, leaves to the REPL. SystemExit must not get out of main.py: the board would soft-reset without end.
 *
 * Source for the platform's behaviour: MicroPython ports/esp32/main.c and its documentation "Boot sequence".
 */

/** What the firmware takes from the runtime, imported before the file system is on the path. */
const RUNTIME_NAMES =
  'collections cryptolib esp32 espnow flashbdev gc hashlib json machine micropython network os select time';

/** What is held for Wi-Fi: bytes of a piece, and pieces. */
const PIECES = 'size, pieces = 16384, 1';
const LINKED_PIECES = 'size, pieces = 8192, 3';

const SETUP = `import sys

path = sys.path[:]
sys.path[:] = [".frozen"]
for name in "${RUNTIME_NAMES}".split():
    try:
        sys.modules[name] = __import__(name)
    except ImportError:
        pass
import time, machine, hashlib, json, os, gc

sys.path[:] = path
try:
    import network

    wlan = network.WLAN(network.STA_IF)
    wlan.active(False)
    wlan.active(True)
except Exception as e:
    sys.print_exception(e)

held = [1]
try:
    if b"mw\\x80" < machine.RTC().memory() < b"mx":
        held = []
except Exception:
    pass


def hold(first):
    while len(held) == 1:
        time.sleep_ms(50)
    if first and held:
        time.sleep_ms(3000)
        try:
            keep(pieces - 1)
        finally:
            held.clear()
    while held:
        time.sleep_ms(50)


${PIECES}
fence = 12 * (machine.reset_cause() != machine.SOFT_RESET)


def largest():
    return max(r[2] for r in esp32.idf_heap_info(esp32.HEAP_DATA))


def keep(count):
    global fence
    while count and largest() > size + 800:
        _thread.stack_size(size)
        _thread.start_new_thread(hold, (count == pieces,))
        _thread.stack_size(0)
        for _ in range(fence):
            esp32.NVS("mesh")
        count -= 1
        fence = min(fence, 4)


try:
    import espnow, esp32, _thread

    radio = espnow.ESPNow()
    radio.config(rxbuf=4096)
    radio.active(True)
    keep(pieces * len(held))
except Exception:
    pass
T0 = time.ticks_ms()
FAST = "/fast"


def log(text):
    print('\\x1e{"t":"log","level":"error","text":%s}' % json.dumps(text))


def check(slot):
    names = set()
    part = memoryview(bytearray(4096))
    with open(slot + "/files.txt") as lines:
        for line in lines:
            name, size, digest = line.split()
            sha = hashlib.sha256()
            left = int(size)
            with open(slot + "/" + name + ".mpy", "rb") as f:
                while True:
                    n = f.readinto(part)
                    if not n:
                        break
                    sha.update(part[:n])
                    left -= n
            if left or sha.digest().hex() != digest:
                raise ValueError(name + ".mpy is damaged")
            names.add(name)
    if "board_main" not in names:
        raise ValueError("no board_main in files.txt")


class Halted:
    def step(self):
        return False


def mount(size):
    try:
        from flashbdev import bdev

        os.mount(os.VfsLfs2(bdev, readsize=size), FAST, readonly=True)
        return FAST
    except Exception:
        return ""


def fetch(name):
    path = sys.path[0]
    for root in mount(256 if len(held) > 1 else 64), "":
        try:
            sys.path[:] = [root + path]
            return __import__(name)
        except MemoryError:
            if not root:
                raise
        finally:
            if root:
                os.umount(root)


def start():
    slots = ["/a", "/b"]
    root = mount(256)
    try:
        with open(root + "/slot.txt") as f:
            if f.read(1) == "b":
                slots.reverse()
    except OSError:
        pass
    try:
        for slot in slots:
            try:
                check(root + slot)
            except Exception as e:
                log("firmware in %s: %r" % (slot, e))
                continue
            sys.path[:] = [root + slot, ".frozen"]
            firmware = __import__("board_main")
            firmware.__file__ = slot + "/board_main.mpy"
            firmware.__import__ = fetch
            return firmware
    finally:
        sys.path[:] = path
        if root:
            os.umount(root)
    log("no sound firmware on this board: flash it again")
    return Halted()


def recover(error):
    try:
        import micropython

        micropython.kbd_intr(3)
    except AttributeError:
        pass
    sys.print_exception(error)
    n = 1
    try:
        rtc = machine.RTC()
        kept = rtc.memory()
        mine = len(kept) == 3 and kept[:2] == b"mw"
        if mine and 0 <= time.ticks_diff(time.ticks_ms(), T0) < 60000:
            n = min((kept[2] & 127) + 1, 6)
        if mine or not kept:
            rtc.memory(bytes((109, 119, n + 128 * isinstance(error, MemoryError))))
    except Exception:
        pass
    log("firmware failed, restart in %d s" % (1 << n))
    for _ in range(10 << n):
        time.sleep_ms(100)
    machine.reset()

`;

const TRY = 'try:\n';
const START = 'board_main = start()';
const CLEAN = 'gc.collect()\n    held.append(2)';
const STEP = 'board_main.step()';
const ON_ERROR = 'recover(error)';

/** Text of main.py; `links`: the firmware has links over Wi-Fi. */
export function mainPy(links = false): string {
  const text = `# Meshwright: checks the firmware of this board, runs it, restarts it. Ctrl-C ends it.
${SETUP}
${TRY}    ${START}
    ${CLEAN}
    while ${STEP}:
        pass
except (Exception, SystemExit) as error:
    ${ON_ERROR}
`;
  return links ? text.replace(PIECES, LINKED_PIECES) : text;
}

export interface SplitMainPy {
  /** Statements up to the loop. An exception out of them is to be handled by `onError` too. */
  setup: string;
  /** Expression to evaluate again and again, until it is false. */
  step: string;
  /** Statements to run when `setup` or `step` raised an Exception or SystemExit, which is in the variable `error`. */
  onError: string;
}

/**
 * Takes a main.py apart for a virtual machine that cannot run an endless loop: either one that ends in `while X: pass`, or
 * one whose last statement is a try around statements that end in such a loop, with a single `except ... as error:`.
 * @returns undefined when the text ends in neither; it can then be run as a whole
 */
export function splitMainPy(text: string): SplitMainPy | undefined {
  const source = text.replaceAll('\r\n', '\n').replace(/\s*$/, '\n');
  const bare = /^while (.+):\n[ \t]+pass\n$/m.exec(source);
  if (bare && bare.index + bare[0].length === source.length) {
    return { setup: source.slice(0, bare.index), step: bare[1]!, onError: 'raise error\n' };
  }
  const wrapped =
    /^try:\n((?:[ \t]+.*\n|\n)*?)([ \t]+)while (.+):\n[ \t]+pass\nexcept .+ as error:\n((?:[ \t]+.*\n|\n)+)$/m.exec(
      source,
    );
  if (!wrapped || wrapped.index + wrapped[0].length !== source.length) return undefined;
  const [, before, indent, step, handler] = wrapped;
  return {
    setup: source.slice(0, wrapped.index) + dedent(before!, indent!),
    step: step!,
    onError: dedent(handler!, indent!),
  };
}

function dedent(block: string, indent: string): string {
  return block
    .split('\n')
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n');
}
