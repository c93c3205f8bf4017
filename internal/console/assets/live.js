// One person's realtime connection, and the channels he listens to.

import { endpointOptions, loadAbly } from './ably.js';
import { around, backoff, rarelyMs } from './pace.js';
import { inWords } from './words.js';

/**
 * Live listens with the person's own token.
 *
 * onState(state, words) tells how the connection is: connecting, live, waiting, off or failed.
 * onAttached() is called when a channel is attached without having kept its place: what is held must be read again.
 * onMessage(channel, name, data) is called for each message.
 */
export class Live {
  constructor(api, { onState, onAttached, onMessage }) {
    Object.assign(this, { api, onState, onAttached, onMessage });
    this.client = null;
    this.stopped = false;
  }

  /** start opens the connection and listens to the channels. */
  start(channels) {
    this.channels = channels;
    this.open(0);
  }

  /**
   * open gets what a connection needs, and tries again for as long as it cannot be had: soon where that may pass, rarely where
   * somebody has to change something first.
   */
  async open(failures) {
    const Ably = await loadAbly();
    if (this.stopped) return;
    if (!Ably) {
      this.rest('off', 'Ably’s browser client could not be loaded, neither from here nor from its CDN.');
      return;
    }
    let token;
    try {
      // Asked for before there is a client: the server's own words say whether there is anything to wait for.
      token = await this.token();
    } catch (problem) {
      if (!this.stopped) this.denied(problem, failures);
      return;
    }
    if (!this.stopped) this.connect(Ably, token);
  }

  denied(problem, failures) {
    if (unconfigured(problem)) this.rest('off', 'Live updates are switched off on this server.');
    else if (!problem.passing) this.rest('failed', inWords(problem));
    else {
      this.onState('connecting');
      this.retry = setTimeout(() => this.open(failures + 1), backoff(failures));
    }
  }

  /** rest gives up for a good while. */
  rest(state, words) {
    this.close();
    this.onState(state, words);
    this.retry = setTimeout(() => this.open(0), around(rarelyMs));
  }

  /** connect listens with a first token, and with others when that one ends. */
  connect(Ably, first) {
    let ready = Promise.resolve(first);
    const client = new Ably.Realtime({
      ...endpointOptions(document.body.dataset),
      useBinaryProtocol: false,
      logLevel: 1,
      authCallback: (_params, done) => {
        ready ??= this.token();
        ready.then((token) => done(null, token), (problem) => {
          done(problem.message, null); // upon which the client tries again
          if (client === this.client && (unconfigured(problem) || !problem.passing)) this.denied(problem);
        });
        ready = undefined;
      },
    });
    this.client = client;
    client.connection.on(() => { if (client === this.client) this.judge(); });
    this.channels.forEach((name) => this.subscribe(client, name));
  }

  async token() {
    const { token, clientId, issued, expires } = await this.api.send('POST', '/api/ably/token', {});
    return { token, clientId, issued, expires };
  }

  subscribe(client, name) {
    const channel = client.channels.get(name);
    channel.on(({ current, resumed }) => {
      if (client !== this.client) return;
      // Attached first, read afterwards: nothing can fall between the two.
      if (current === 'attached' && !resumed) this.onAttached();
      this.judge();
    });
    channel.subscribe((message) => this.onMessage(name, message.name, dataOf(message))).catch(() => {
      // The channel's own state has been told already.
    });
  }

  /** judge tells how things are: live is only what is connected and has every channel. */
  judge() {
    const { connection, channels } = this.client;
    const all = this.channels.map((name) => channels.get(name));
    const refused = [connection, ...all].find((part) => part.state === 'failed');
    if (refused) this.rest('failed', refused.errorReason?.message || 'Live updates were refused.');
    else if (connection.state === 'connected' && all.every((channel) => channel.state === 'attached')) this.onState('live');
    else this.onState(['initialized', 'connecting', 'connected'].includes(connection.state) ? 'connecting' : 'waiting');
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.retry);
    this.close();
  }

  close() {
    const { client } = this;
    this.client = null; // first: what it says from here on is nothing to go by
    client?.close();
  }
}

/** unconfigured reports whether the server has no realtime at all, rather than none just now. Both have the same code. */
function unconfigured(problem) {
  return problem.status === 503 && problem.message === 'realtime is not configured';
}

/** dataOf returns a message's payload, which some clients get as text; {} for what is not of our form. */
function dataOf({ data }) {
  try {
    return Object(typeof data === 'string' ? JSON.parse(data) : data);
  } catch {
    return {};
  }
}
