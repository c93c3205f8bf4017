// What a page does with the npm client, step by step, against an endpoint that the Go test runs. It runs in Node and in
// Chromium, and each fact goes to say; the test publishes and cuts connections in answer to them, and judges.

/**
 * walk ends when the test has published "goodbye" and all that follows is done.
 *
 * Ably is the client's module, at the endpoint's { host, port }, authUrl where tokens come from, key the API key, format
 * "json" or "msgpack".
 */
export async function walk(Ably, { host, port, authUrl, key, format }, tell) {
  const say = (step, more = {}) => tell({ step, ...more });
  const where = {
    endpoint: host,
    port: Number(port),
    tls: false,
    useBinaryProtocol: format === 'msgpack',
  };

  const client = new Ably.Realtime({
    ...where,
    authUrl,
    transports: ['web_socket'],
    disconnectedRetryTimeout: 50,
    suspendedRetryTimeout: 50,
    disableConnectivityCheck: true,
    logLevel: 0, // denials are asked for; the test judges what comes
  });
  client.connection.on('failed', (change) => say('failed', { code: change.reason?.code }));

  await client.connection.once('connected');
  const id = client.connection.id;
  say('connected', { clientId: client.auth.clientId });

  // Hears what it may hear.
  const own = client.channels.get('customer:u1:bookings');
  await own.subscribe((m) =>
    say('message', { name: m.name, data: m.data, trace: m.extras?.headers?.traceparent ?? '', id: m.id }),
  );
  own.on('attached', (change) => say('attached again', { resumed: change.resumed }));
  own.on('update', (change) => say('discontinuity', { code: change.reason?.code }));
  say('attached', { modes: own.modes });

  // Is denied the rest.
  await client.channels
    .get('admin:bookings:br_1')
    .attach()
    .catch((err) => say('denied', { code: err.code, status: err.statusCode }));
  await own.publish('n', 'd').catch((err) => say('publish denied', { code: err.code }));

  // Renews when the server asks; the first token is made to run out soon.
  client.connection.on('update', (change) => say('renewed', { code: change.reason?.code ?? 0 }));

  // Comes back after a cut, and when its token has run out.
  client.connection.on('disconnected', (change) => say('disconnected', { code: change.reason?.code ?? 0 }));
  client.connection.on('connected', () => say('reconnected', { same: client.connection.id === id }));

  // Ends when the test has seen enough.
  const goodbye = new Promise((resolve) => own.subscribe('goodbye', resolve));
  say('ready');
  await goodbye;
  await withKey(Ably, { ...where, key }, say);
  client.close();
  await client.connection.once('closed');
  say('closed');
}

/** withKey is what a client with the key does, REST and realtime. */
async function withKey(Ably, options, say) {
  const rest = new Ably.Rest(options);
  const open = rest.channels.get('open:1');
  await open.publish([
    { name: 'a', data: { n: 1 } },
    { name: 'b', data: new Uint8Array([0, 255]).buffer },
  ]);
  await open.publish({ id: 'same', name: 'once', data: 'x' });
  await open.publish({ id: 'same', name: 'once', data: 'x' });
  const page = await open.history({ direction: 'forwards', limit: 2 });
  const last = await page.next();
  say('history', { names: [...page.items, ...last.items].map((m) => m.name), bytes: [...new Uint8Array(page.items[1].data)] });

  const [result] = await rest.batchPublish([{ channels: ['open:1', ':bad'], messages: [{ name: 'c', data: 'd' }] }]);
  say('batch', { ok: result.successCount, failed: result.failureCount, code: result.results[1].error.code });

  const token = await rest.auth.requestToken({ clientId: 'u2', capability: { 'open:*': ['subscribe'] } });
  say('token', { clientId: token.clientId, capability: token.capability });
  say('time', { skew: Math.abs((await rest.time()) - Date.now()) });

  const keyed = new Ably.Realtime({ ...options, clientId: 'u3' });
  const echo = keyed.channels.get('open:2');
  await echo.attach();
  const heard = new Promise((resolve) => echo.subscribe((m) => resolve(m)));
  await echo.publish('mine', { deep: [1, 2.5, 'x'] });
  const m = await heard;
  say('echo', { name: m.name, data: m.data, clientId: m.clientId });
  say('ping', { ok: (await keyed.connection.ping()) >= 0 });
  await echo.detach();
  say('detached', { state: echo.state });
  keyed.close();
  await keyed.connection.once('closed');
}
