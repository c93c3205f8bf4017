package ablylocal_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/ablylocal"
)

// frameSeeds are frames as the clients send them, and broken ones.
func frameSeeds() []string {
	return []string{
		`{"action":10,"channel":"c","flags":262144,"params":{"rewind":"1"},"channelSerial":"00000000000001-000@x"}`,
		`{"action":15,"msgSerial":0,"channel":"c","messages":[{"name":"n","data":{"a":[1,2.5,1e400]},"extras":{"headers":{"k":"v"}}}]}`,
		`{"action":15,"msgSerial":0,"messages":[{"data":12345678901234567890}]}`,
		`{"action":17,"auth":{"accessToken":"x"}}`,
		`{"action":99,"flags":-1}`, `[]`, `null`, `{"action":null}`, `{"messages":[null]}`, strings.Repeat("[", 100_000),
	}
}

func FuzzFrameJSON(f *testing.F) {
	for _, seed := range frameSeeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		_ = ablylocal.DecodeFrame(data, false) // it panics when it fails
	})
}

func FuzzFrameMsgpack(f *testing.F) {
	for _, seed := range frameSeeds() {
		var v any
		if json.Unmarshal([]byte(seed), &v) == nil {
			data, err := msgpack.Marshal(v)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add(bytes.Repeat([]byte{0x91}, 100_000))                        // arrays in arrays
	f.Add([]byte{0xdd, 0xff, 0xff, 0xff, 0xff})                       // an array of 4 G
	f.Add([]byte{0xc6, 0xff, 0xff, 0xff, 0xff})                       // bytes of 4 G
	f.Add([]byte{0x81, 0xa1, 'x', 0xd6, 0xff, 0, 0, 0, 0})            // a time
	f.Add([]byte{0x81, 0xa4, 'd', 'a', 't', 'a', 0xc4, 0x02, 1, 255}) // binary
	f.Fuzz(func(_ *testing.T, data []byte) {
		_ = ablylocal.DecodeFrame(data, true)
	})
}

func FuzzMsgpackCheck(f *testing.F) {
	f.Add([]byte{0x92, 0x01, 0xa1, 'x'})
	f.Add([]byte{0xc7, 0x01, 0x05, 0x00})
	f.Add([]byte{0xde, 0x00, 0x01, 0xa1, 'k', 0xc0})
	f.Fuzz(func(t *testing.T, data []byte) {
		// What the check lets pass, a skipping decoder walks to the same end.
		if ablylocal.CheckMsgpack(data) != nil {
			return
		}
		reader := bytes.NewReader(data)
		if err := msgpack.NewDecoder(reader).Skip(); err != nil || reader.Len() != 0 {
			t.Errorf("%x: skip %v, %d left", data, err, reader.Len())
		}
	})
}

// fuzzPost fuzzes the body of a route, in both formats: any answer below 500 will do.
func fuzzPost(f *testing.F, path string, seeds ...string) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(seed, false)
		var v any
		if json.Unmarshal([]byte(seed), &v) == nil {
			data, err := msgpack.Marshal(v)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data), true)
		}
	}
	s := newServer(f, ablylocal.Config{Limits: ablylocal.LimitsOff})
	f.Fuzz(func(t *testing.T, body string, binary bool) {
		media := "application/json"
		if binary {
			media = "application/x-msgpack"
		}
		got := call(t, s, "POST", path, body, "Content-Type", media, "Accept", "application/json")
		if got.status >= 500 || !json.Valid(got.body) {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}

func FuzzBatch(f *testing.F) {
	fuzzPost(f, "/messages",
		`[{"channels":["a","b"],"messages":[{"id":"x:0","name":"n","data":"d"}]}]`,
		`{"channels":"a","messages":{"name":"n","data":{"x":1}}}`, `[null]`, `{"channels":[],"messages":[]}`, `{"channels":1}`)
}

func FuzzPublish(f *testing.F) {
	fuzzPost(f, "/channels/c/messages", `[{"id":"x:0"},{"id":"x:1"}]`, `{"data":1}`, `{"extras":[]}`, `{"action":1}`, `"x"`)
}

func FuzzTokenRequest(f *testing.F) {
	fuzzPost(f, "/keys/app.key/requestToken", `{"keyName":"app.key","ttl":"5","timestamp":1,"nonce":"n","mac":"bQ=="}`, `{"ttl":1e9}`, `{"capability":{}}`)
}

func FuzzBearer(f *testing.F) {
	f.Add(signJWT(f, jwtClaims(`{"*":["*"]}`, "u", 1)))
	f.Add("app.bm90aGluZw")
	f.Add("bm90aGluZw==")
	s := newServer(f, ablylocal.Config{Limits: ablylocal.LimitsOff})
	good := signJWT(f, jwtClaims(`{"*":["*"]}`, "u", 1<<40))
	f.Fuzz(func(t *testing.T, token string) {
		got := call(t, s, "POST", "/channels/c/messages", `{"name":"n"}`, "Authorization", "Bearer "+token)
		if got.status == 201 && token != good {
			t.Errorf("%q was let in", token)
		}
	})
}

func TestSerialsRiseWhateverTheClockDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		millis := rapid.SliceOfN(rapid.Int64Range(1_000_000, 1_000_003), 2, 5000).Draw(t, "clock")
		serials := ablylocal.Serials(millis)
		if !slices.IsSorted(serials) || len(slices.Compact(slices.Clone(serials))) != len(serials) {
			t.Fatalf("not rising: %v", serials)
		}
	})
}

func TestDeeplyNestedValuesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		data   []byte
		binary bool
	}{
		"json":    {[]byte(`{"action":15,"messages":[{"data":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}]}`), false},
		"msgpack": {append(bytes.Repeat([]byte{0x91}, 1_000_000), 0xc0), true},
	} {
		if ablylocal.DecodeFrame(c.data, c.binary) == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
