package ablylocal

import "sync"

// frame is a protocol message on its way out. One frame serves every subscriber:
// each format is encoded once, by whoever needs it first.
type frame struct {
	message *protocolMessage // not changed once the frame exists

	json    encoding
	msgpack encoding
}

// encoding is the bytes of a frame in one format.
type encoding struct {
	once sync.Once
	data []byte
	err  error
}

// newFrame wraps a message that is complete.
func newFrame(m *protocolMessage) *frame { return &frame{message: m} }

// bytes gives the frame in a format. An error is a bug: what is in a frame has
// been cleaned on its way in.
func (f *frame) bytes(as format) ([]byte, error) {
	slot := &f.json
	if as == formatMsgpack {
		slot = &f.msgpack
	}
	slot.once.Do(func() { slot.data, slot.err = as.encode(f.message) })
	return slot.data, slot.err
}
