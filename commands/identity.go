package commands

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// mintedBytes is how much of a digest becomes an id: 32 hexadecimal digits, far beyond guessing.
const mintedBytes = 16

// command is one command's identity and circumstances.
type command struct {
	name    string // "approve_booking"
	id      string // from actor and key: what a repeat is recognised by
	hash    string // of name, target and body: what a repeat must agree on
	actor   domain.Actor
	ifMatch *eventstore.Revision
}

// identify derives the command's id and hash. The id is keyed, so that nobody can predict which ids another's command will
// create, and holds the actor, so that the keys of two users never meet.
func (s *Service) identify(name string, actor domain.Actor, o Options, target string, body any) (command, error) {
	key, err := o.key()
	if err != nil {
		return command{}, err
	}
	canonical, err := json.Marshal(body)
	if err != nil {
		return command{}, fmt.Errorf("encode command: %w", err)
	}
	return command{
		name: name, actor: actor, ifMatch: o.IfMatch,
		id: hex.EncodeToString(digest(hmac.New(sha256.New, s.secret), "command", actor.UserID, key)),
		// Keyed as well: a digest of a note alone would let anybody try words on it after its text is gone.
		hash: hex.EncodeToString(digest(hmac.New(sha256.New, s.secret), "hash", name, target, string(canonical))),
	}, nil
}

// mint derives the id of what a command creates. A repeat of the command creates the same thing, that is, nothing new.
func (s *Service) mint(prefix domain.IDPrefix, actor domain.Actor, key string) string {
	sum := digest(hmac.New(sha256.New, s.secret), "create", string(prefix), actor.UserID, key)
	return string(prefix) + "_" + hex.EncodeToString(sum[:mintedBytes])
}

// digest hashes the parts, each behind its length: ("ab", "c") and ("a", "bc") differ.
func digest(h hash.Hash, parts ...string) []byte {
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// metadata is what each of the command's events carries.
func (s *Service) metadata(c command) eventstore.Metadata {
	return eventstore.Metadata{
		SchemaVersion: domain.SchemaVersion,
		CorrelationID: c.id, CausationID: c.id,
		CommandID: c.id, CommandHash: c.hash,
		Actor: c.actor, OccurredAt: s.now().UTC(),
	}
}
