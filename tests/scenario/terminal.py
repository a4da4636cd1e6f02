"""A person at a terminal, for scenarios: starts a program there, reads what it shows, and types.
PYTHONPATH=$SOURCE/tests/scenario."""
import codecs, os, pty, select, sys, time


class Terminal:
    def __init__(self, argv, patience=60):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(argv[0], argv)
        self.seen, self.at, self.patience = "", 0, patience
        self.decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode

    def read(self):
        """Takes what is there within a second; False at the end of the program."""
        try:
            if select.select([self.fd], [], [], 1)[0]:
                got = os.read(self.fd, 4096)
                self.seen += self.decode(got)
                return got != b""
        except OSError:
            return False
        return True

    def until(self, text):
        """Reads on until `text` stands behind what was read up to now."""
        end = time.time() + self.patience
        while text not in self.seen[self.at:]:
            if time.time() > end:
                sys.exit("waited in vain for %r in:\n%s" % (text, self.seen))
            if not self.read():
                sys.exit("it ended before %r:\n%s" % (text, self.seen))
        self.at = self.seen.index(text, self.at) + len(text)

    def type(self, text):
        os.write(self.fd, text.encode())

    def line(self, text):
        self.type(text + "\n")

    def answer(self, text, prompt="> "):
        self.until(prompt)
        self.line(text)

    def end(self):
        """Reads to the end, prints all that was seen, and ends with the program's exit code."""
        while self.read():
            pass
        print(self.seen)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]))
