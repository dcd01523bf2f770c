// Server-sent events read with fetch: EventSource can send no header, and a token has no place in an address.

const SILENCE = 6000; // milliseconds without a word, after which a connection is taken for dead
const PAUSES = [1000, 2000, 4000, 8000];

export class Refused extends Error {}

export class Stream {
  constructor(token, on) {
    this.token = token;
    this.on = on; // (name, document) for each event
    this.heard = null; // when anything was last heard, in milliseconds
    this.next = null; // when it is tried again
    this.ended = false;
    this.failures = 0;
    this.wake = () => {};
    this.controller = null;
    window.addEventListener("online", () => this.wake());
    this.watch = setInterval(() => this.look(), 1000);
  }

  get isLive() {
    return this.next === null && this.heard !== null && Date.now() - this.heard < 3500;
  }

  // Connect, again and again, until `end`; returns the refusal where the token is no good.
  async run() {
    while (!this.ended) {
      try {
        await this.once();
      } catch (error) {
        if (error instanceof Refused) return error;
      }
      if (this.ended) break;
      const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)] * (0.75 + Math.random() / 2);
      this.next = Date.now() + pause;
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, pause);
      });
    }
    return null;
  }

  async once() {
    this.controller = new AbortController();
    this.asked = Date.now();
    const answer = await fetch("/api/v1/events", {
      headers: { Authorization: `Bearer ${this.token}` },
      cache: "no-store",
      credentials: "omit",
      signal: this.controller.signal,
    });
    if (answer.status === 401 || answer.status === 403) throw new Refused((await answer.json()).detail);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    this.next = null;
    this.failures = 0;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.heard = Date.now();
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      blocks.forEach((block) => this.tell(block));
    }
  }

  tell(block) {
    const name = /^event: (.*)$/m.exec(block);
    const data = /^data: (.*)$/m.exec(block);
    if (name && data) this.on(name[1], JSON.parse(data[1]));
  }

  // A connection that says nothing for long is dead, whatever the operating system believes.
  look() {
    const since = Math.max(this.heard ?? 0, this.asked ?? 0);
    if (this.controller && this.next === null && Date.now() - since > SILENCE) this.controller.abort();
  }

  end() {
    this.ended = true;
    clearInterval(this.watch);
    this.controller?.abort();
    this.wake();
  }
}
