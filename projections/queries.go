package projections

import (
	"context"

	"github.com/royalglow/booking/internal/eventstore"
)

// Queries is what may be asked of the read models. It is safe for concurrent use.
//
// Methods with a parameter lowest wait until their read model has come to that position (see Projection.AtLeast); zero
// reads at once what is there. Their results tell the position that they are of. Refusals come as *domain.Refusal.
type Queries struct {
	models *Models
}

// Page sizes of lists: what a filter without a limit gets, and the most that one may ask for.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

func limit(n int) int {
	if n <= 0 {
		return DefaultLimit
	}
	return min(n, MaxLimit)
}

// Positions returns how far each read model has come, by name.
func (q *Queries) Positions(ctx context.Context) (map[string]eventstore.Position, error) {
	positions := map[string]eventstore.Position{}
	for _, p := range q.models.all() {
		at, err := p.Checkpoint(ctx)
		if err != nil {
			return nil, err
		}
		positions[p.Name()] = at
	}
	return positions, nil
}
