// Server-sent events read with fetch: EventSource cannot send headers, and a token must not be in a URL.

// Milliseconds without a byte, after which a connection is taken for dead, whatever the operating system says.
const SILENCE_MS = 6000;
const LIVE_MS = 3500;
const PAUSES_MS = [1000, 2000, 4000, 8000];

export class Refused extends Error {}

export class Stream {
  constructor(token, onEvent) {
    this.token = token;
    this.onEvent = onEvent; // called with the name and the document of each event
    this.lastReceived = null; // when anything was received, in milliseconds
    this.nextTry = null; // when it connects again, while it is not connected
    this.ended = false;
    this.failures = 0;
    this.wake = () => {};
    this.controller = null;
    window.addEventListener("online", () => this.wake());
    this.watchdog = setInterval(() => this.abortIfSilent(), 1000);
  }

  get isLive() {
    return this.nextTry === null && this.lastReceived !== null && Date.now() - this.lastReceived < LIVE_MS;
  }

  // Connects, and connects again, until `end`; returns the refusal where the token is not accepted.
  async run() {
    while (!this.ended) {
      try {
        await this.connect();
      } catch (error) {
        if (error instanceof Refused) return error;
      }
      if (this.ended) break;
      const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)] * (0.75 + Math.random() / 2);
      this.nextTry = Date.now() + pause;
      await new Promise((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, pause);
      });
    }
    return null;
  }

  async connect() {
    this.controller = new AbortController();
    this.requestedAt = Date.now();
    const response = await fetch("/api/v1/events", {
      headers: { Authorization: `Bearer ${this.token}` },
      cache: "no-store",
      credentials: "omit",
      signal: this.controller.signal,
    });
    if (response.status === 401 || response.status === 403) throw new Refused((await response.json()).detail);
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    this.nextTry = null;
    this.failures = 0;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      this.lastReceived = Date.now();
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      blocks.forEach((block) => this.dispatch(block));
    }
  }

  dispatch(block) {
    const name = /^event: (.*)$/m.exec(block);
    const data = /^data: (.*)$/m.exec(block);
    if (name && data) this.onEvent(name[1], JSON.parse(data[1]));
  }

  abortIfSilent() {
    const since = Math.max(this.lastReceived ?? 0, this.requestedAt ?? 0);
    if (this.controller && this.nextTry === null && Date.now() - since > SILENCE_MS) this.controller.abort();
  }

  end() {
    this.ended = true;
    clearInterval(this.watchdog);
    this.controller?.abort();
    this.wake();
  }
}
