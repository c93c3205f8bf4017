// Loads Ably's browser client: from this server if it has it, else from Ably's CDN, where its hash must fit.

let loading;

/** loadAbly returns the client, or null when it cannot be had now; the next call tries again. */
export async function loadAbly() {
  loading ??= load(document.body.dataset);
  const Ably = await loading;
  if (!Ably) loading = undefined;
  return Ably;
}

async function load({ ablyLocal, ablyCdn, ablyIntegrity }) {
  if (ablyLocal && (await script({ src: ablyLocal }))) return window.Ably ?? null;
  if (await script({ src: ablyCdn, integrity: ablyIntegrity, crossOrigin: 'anonymous' })) return window.Ably ?? null;
  return null;
}

function script(properties) {
  return new Promise((resolve) => {
    const element = Object.assign(document.createElement('script'), properties, { async: true });
    element.addEventListener('load', () => resolve(Boolean(window.Ably)));
    element.addEventListener('error', () => resolve(false));
    document.head.append(element);
  });
}

/** endpointOptions says where the client connects to; nothing for Ably itself. */
export function endpointOptions({ ablyHost, ablyPort, ablyTls }) {
  if (!ablyHost) return {};
  const tls = ablyTls === 'true';
  const port = Number(ablyPort);
  return {
    endpoint: ablyHost, tls, ...(tls ? { tlsPort: port } : { port }),
    transports: ['web_socket'], disconnectedRetryTimeout: 1000,
    // When a connection is slow the client looks whether others work: there are no others to ask than this endpoint.
    disableConnectivityCheck: true, wsConnectivityCheckUrl: `${tls ? 'wss' : 'ws'}://${ablyHost}:${port}/`,
  };
}
