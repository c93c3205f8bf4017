package console_test

import (
	"fmt"
	"slices"
	"testing"
)

// TestAPageMayLetAblyFetchItsTokens: Ably's client alone, with the token route as its authUrl and the session in a cookie, connects, listens,
// and renews, by GET and by POST. It asks for the token alone in one of them.
func TestAPageMayLetAblyFetchItsTokens(t *testing.T) {
	e := startEngine(t, engineOptions{})
	id := e.api.request(priya, 0, 1, 11)
	session, err := token(priya)
	check(t, err)
	b := openTab(t, e.url, 1280, 860)
	b.until("the page's own connections, by which Ably's client is there", live(1)+" && "+live(2))
	value[bool](b, fmt.Sprintf(`document.cookie = "session=%s; path=/; SameSite=Strict", true`, session))
	for how, options := range map[string]string{
		"GET":  fmt.Sprintf(`authParams: {bookingId: %q}`, id),
		"POST": fmt.Sprintf(`authMethod: 'POST', authParams: {bookingId: %q}, authHeaders: {accept: 'application/jwt'}`, id),
	} {
		got := value[[]string](b, fmt.Sprintf(`new Promise((done) => {
			const said = [], [host, port] = %q.split(':');
			const client = new Ably.Realtime({
				endpoint: host, port: Number(port), tls: false, useBinaryProtocol: false, logLevel: 0, transports: ['web_socket'],
				authUrl: '/api/ably/token', %s,
			});
			const end = (...words) => { client.close(); done([...said, ...words]); };
			client.connection.on('failed', ({ reason }) => end('failed', String(reason)));
			client.connection.once('connected', async () => {
				try {
					said.push(client.auth.clientId);
					await client.channels.get('booking:' + %q).attach();
					said.push('attached');
					const first = client.auth.tokenDetails.token;
					const second = () => Math.floor(Date.now() / 1000), now = second(); // tokens of one second are equal
					await new Promise((over) => { const look = () => second() === now ? requestAnimationFrame(look) : over(); look(); });
					said.push(first === (await client.auth.authorize()).token ? 'not renewed' : 'renewed');
					await client.channels.get('admin:bookings:x').attach();
				} catch (error) { return end(String(error.code)); }
				end('heard too much');
			});
		})`, e.ably, options, id))
		if want := []string{priya, "attached", "renewed", "40160"}; !slices.Equal(got, want) {
			t.Errorf("%s: the client says %q, want %q", how, got, want)
		}
	}
	if said := b.said(); len(said) > 0 {
		t.Errorf("the page complained: %q", said)
	}
}
