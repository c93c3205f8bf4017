// One person's realtime connection, and the channels he listens to.

import { endpointOptions, loadAbly } from './ably.js';

/**
 * Live listens with the person's own token.
 *
 * onState(state, words) tells how the connection is: connecting, live, waiting, off or failed.
 * onRead() is called when a channel is attached without having kept its place: what is held must be read again.
 * onMessage(channel, message) is called for each message.
 */
export class Live {
  constructor(api, { onState, onRead, onMessage }) {
    Object.assign(this, { api, onState, onRead, onMessage });
    this.client = null;
  }

  /** listen opens the connection. It resolves to whether there is one to wait for. */
  async listen(channels) {
    const Ably = await loadAbly();
    if (!Ably) {
      this.onState('off', 'Ably’s browser client could not be loaded, neither from here nor from its CDN.');
      return false;
    }
    // A server without realtime says so at once; the client would only try again.
    let first;
    try {
      first = await this.token();
    } catch (problem) {
      if (problem.code === 'SERVICE_UNAVAILABLE') this.onState('off', 'Live updates are switched off on this server.');
      else this.onState('failed', problem.message);
      return false;
    }
    this.client = new Ably.Realtime({
      ...endpointOptions(document.body.dataset),
      useBinaryProtocol: false,
      logLevel: 1,
      authCallback: (_params, done) => {
        const ready = first ? Promise.resolve(first) : this.token();
        first = undefined;
        ready.then((token) => done(null, token), (problem) => done(problem.message, null));
      },
    });
    this.client.connection.on((change) => this.connectionChanged(change));
    channels.forEach((name) => this.subscribe(name));
    return true;
  }

  async token() {
    const { token, clientId, issued, expires } = await this.api.send('POST', '/api/ably/token', {});
    return { token, clientId, issued, expires };
  }

  subscribe(name) {
    const channel = this.client.channels.get(name);
    // Attached first, read afterwards: nothing can fall between the two.
    channel.on(['attached', 'update'], (change) => {
      if (!change.resumed) this.onRead(name);
    });
    channel.on('failed', (change) => this.onState('failed', change.reason?.message || 'The channel was refused.'));
    channel.subscribe((message) => this.onMessage(name, message)).catch(() => {
      // The channel's own state has been told already.
    });
  }

  connectionChanged({ current, reason }) {
    switch (current) {
      case 'connected':
        this.onState('live');
        break;
      case 'connecting':
      case 'initialized':
        this.onState('connecting');
        break;
      case 'disconnected':
      case 'suspended':
        this.onState('waiting');
        break;
      case 'failed':
        this.onState('failed', reason?.message || 'The connection was refused.');
        break;
      default:
    }
  }

  close() {
    this.client?.close();
    this.client = null;
  }
}

/** dataOf returns a message's payload, which some clients get as text. */
export function dataOf(message) {
  return typeof message.data === 'string' ? JSON.parse(message.data) : message.data;
}
