package ablylocal

// DecodeFrame decodes a protocol message as a connection does, and encodes it in
// both formats, as a fan-out to mixed subscribers would.
func DecodeFrame(data []byte, binary bool) error {
	in := formatJSON
	if binary {
		in = formatMsgpack
	}
	var m protocolMessage
	if err := in.decode(data, &m); err != nil {
		return err
	}
	for i, message := range m.Messages {
		clean, refusal := message.sanitize()
		if refusal != nil {
			return refusal
		}
		m.Messages[i] = clean
	}
	f := newFrame(&m)
	for _, out := range []format{formatJSON, formatMsgpack} {
		encoded, err := f.bytes(out)
		if err != nil {
			panic(err) // what passed sanitize must encode
		}
		if err := out.decode(encoded, new(protocolMessage)); err != nil {
			panic(err)
		}
	}
	return nil
}

// CheckMsgpack is the check that comes before the MessagePack decoder.
func CheckMsgpack(data []byte) error { return checkMsgpack(data) }

// Serials gives n serials of a clock that reads the given milliseconds in turn.
func Serials(millis []int64) []string {
	c := serialClock{series: "s"}
	out := make([]string, len(millis))
	for i, ms := range millis {
		out[i] = c.next(ms)
	}
	return out
}
