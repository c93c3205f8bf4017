package ablylocal

import (
	"encoding/binary"
	"errors"
)

// maxDepth is how deep values may nest, in either format. Deeper ones only ever
// come from an attack on the stack.
const maxDepth = 64

// The faults of a MessagePack document.
var (
	errTooDeep   = errors.New("value nests too deep")
	errTruncated = errors.New("value ends too early")
	errReserved  = errors.New("reserved type byte c1")
)

// checkMsgpack walks one value without recursion and without allocation, and
// says whether it is whole, not too deep and alone.
func checkMsgpack(data []byte) error {
	var open [maxDepth]uint64 // values still to come, per open array or map
	depth, pos := 0, 0
	for {
		head, err := readHead(data, pos)
		if err != nil {
			return err
		}
		pos += head.size
		switch {
		case head.children > 0:
			if depth == maxDepth {
				return errTooDeep
			}
			// Each child takes at least a byte: a larger count is a lie.
			if head.children > uint64(len(data)-pos) {
				return errTruncated
			}
			open[depth] = head.children
			depth++
			continue
		case depth > 0:
			open[depth-1]--
		}
		for depth > 0 && open[depth-1] == 0 {
			depth--
			if depth > 0 {
				open[depth-1]--
			}
		}
		if depth == 0 {
			break
		}
	}
	if pos != len(data) {
		return errTrailingData
	}
	return nil
}

// msgpackHead is what the first bytes of a value say: how many bytes it takes
// before its children, and how many children follow.
type msgpackHead struct {
	size     int
	children uint64
}

// readHead reads the head at data[pos:], by the table of the MessagePack format.
func readHead(data []byte, pos int) (msgpackHead, error) {
	if pos >= len(data) {
		return msgpackHead{}, errTruncated
	}
	rest := data[pos+1:]
	switch c := data[pos]; {
	case c <= 0x7f || c >= 0xe0 || c == 0xc0 || c == 0xc2 || c == 0xc3: // small ints, nil, booleans
		return msgpackHead{size: 1}, nil
	case c <= 0x8f: // fixmap
		return msgpackHead{size: 1, children: 2 * uint64(c&0x0f)}, nil
	case c <= 0x9f: // fixarray
		return msgpackHead{size: 1, children: uint64(c & 0x0f)}, nil
	case c <= 0xbf: // fixstr
		return sized(rest, 0, uint64(c&0x1f))
	case c == 0xc1:
		return msgpackHead{}, errReserved
	case c <= 0xc6: // bin 8, 16, 32
		return lengthPrefixed(rest, 1<<(c-0xc4), 0)
	case c <= 0xc9: // ext 8, 16, 32: one type byte more
		return lengthPrefixed(rest, 1<<(c-0xc7), 1)
	case c == 0xca, c == 0xce, c == 0xd2: // 4 bytes
		return sized(rest, 0, 4)
	case c == 0xcb, c == 0xcf, c == 0xd3: // 8 bytes
		return sized(rest, 0, 8)
	case c == 0xcc, c == 0xd0:
		return sized(rest, 0, 1)
	case c == 0xcd, c == 0xd1:
		return sized(rest, 0, 2)
	case c <= 0xd8: // fixext 1, 2, 4, 8, 16 and its type byte
		return sized(rest, 1, 1<<(c-0xd4))
	case c <= 0xdb: // str 8, 16, 32
		return lengthPrefixed(rest, 1<<(c-0xd9), 0)
	case c <= 0xdd: // array 16, 32
		n, err := readLength(rest, 2<<(c-0xdc))
		return msgpackHead{size: 1 + 2<<(c-0xdc), children: n}, err
	default: // map 16, 32
		n, err := readLength(rest, 2<<(c-0xde))
		return msgpackHead{size: 1 + 2<<(c-0xde), children: 2 * n}, err
	}
}

// lengthPrefixed is a value of width length bytes, extra bytes and that length.
func lengthPrefixed(rest []byte, width, extra int) (msgpackHead, error) {
	n, err := readLength(rest, width)
	if err != nil {
		return msgpackHead{}, err
	}
	return sized(rest, width+extra, n)
}

// sized is a value whose body is n bytes after a fixed number of bytes.
func sized(rest []byte, fixed int, n uint64) (msgpackHead, error) {
	if uint64(fixed)+n > uint64(len(rest)) {
		return msgpackHead{}, errTruncated
	}
	return msgpackHead{size: 1 + fixed + int(n)}, nil
}

// readLength reads a big-endian length of 1, 2 or 4 bytes.
func readLength(rest []byte, width int) (uint64, error) {
	if len(rest) < width {
		return 0, errTruncated
	}
	switch width {
	case 1:
		return uint64(rest[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(rest)), nil
	}
	return uint64(binary.BigEndian.Uint32(rest)), nil
}
