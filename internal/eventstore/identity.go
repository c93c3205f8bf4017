package eventstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// The stream that says which store this is. Its name lies outside the subscriptions' filter.
const (
	identityStream = "engine-identity"
	identityType   = "engine.identified"
)

// identified is the one event of the identity stream.
type identified struct {
	ID string `json:"id"`
}

// Identity returns the random id of the store, making it on the first call ever. Databases carry it, so that one filled from
// another store is noticed. All callers of all engines get the same id: the stream is begun once only.
func (s *Store) Identity(ctx context.Context) (string, error) {
	ctx, end, err := s.begin(ctx)
	if err != nil {
		return "", fmt.Errorf("read identity: %w", err)
	}
	defer end()
	id, err := s.readIdentity(ctx)
	if err != nil || id != "" {
		return id, err
	}
	if err := s.makeIdentity(ctx); err != nil {
		return "", err
	}
	// What counts is what stands there, whoever wrote it.
	id, err = s.readIdentity(ctx)
	if err == nil && id == "" {
		err = fmt.Errorf("read identity: %w", ErrDeleted)
	}
	return id, err
}

func (s *Store) readIdentity(ctx context.Context) (string, error) {
	var said identified
	var bad error
	open := func(ctx context.Context, c *esdb.Client) (*esdb.ReadStream, error) {
		return c.ReadStream(ctx, identityStream, esdb.ReadStreamOptions{From: esdb.Start{}}, math.MaxInt64)
	}
	seen := false
	err := s.last(ctx, open, func(e *esdb.RecordedEvent) {
		if seen {
			return
		}
		seen = true
		if bad = json.Unmarshal(e.Data, &said); bad == nil {
			bad = uuid.Validate(said.ID)
		}
	})
	if err := errors.Join(err, bad); err != nil {
		return "", fmt.Errorf("read identity: %w", err)
	}
	return said.ID, nil
}

func (s *Store) makeIdentity(ctx context.Context) error {
	id, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("make identity: %w", err)
	}
	data, err := json.Marshal(identified{ID: id.String()})
	if err != nil {
		return fmt.Errorf("make identity: %w", err)
	}
	p := Proposal{ID: EventID(identityStream, NoStream, 0, identityType, data, ""), Type: identityType, Data: data, Meta: []byte("{}")}
	_, err = s.write(ctx, identityStream, NoStream, []Proposal{p})
	if _, late := errors.AsType[*ConflictError](err); late {
		return nil // another engine was first
	}
	if err != nil {
		return fmt.Errorf("make identity: %w", err)
	}
	return nil
}
