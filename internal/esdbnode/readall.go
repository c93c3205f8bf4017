package esdbnode

import (
	"context"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// readAll sends the log as it is at this moment. Forwards begins with the record at
// the given position, backwards with the one before it, as EventStoreDB does: a
// position is the edge before a record.
func (s *streamsServer) readAll(out *outlet, of *streams.ReadReq_Options_AllOptions, backwards bool, f *filter) error {
	head := s.tail.published()
	from, err := s.logPosition(out.ctx(), of, head)
	if err != nil {
		return err
	}
	stmt := s.reads.allForwards
	if backwards {
		stmt = s.reads.allBackwards
	} else {
		from-- // the query begins after its argument
	}
	for more := true; more && out.left > 0; {
		limit := out.left
		if f != nil {
			limit = pageRecords // how many of them match is not known
		}
		p, err := readPage(out.ctx(), stmt, limit, from, head)
		if err != nil {
			return err
		}
		for _, rec := range p.records {
			from = rec.position
			if out.left == 0 || !f.matches(rec) {
				continue
			}
			if err := out.send(rec); err != nil {
				return err
			}
		}
		if err := out.halted(); err != nil {
			return err
		}
		more = p.more
	}
	return nil
}

// logPosition reads where in $all to begin. A position must be zero, "the end" (-1) or
// one that was handed out before: any other comes from another store, and going on
// from it would silently skip records.
func (s *streamsServer) logPosition(ctx context.Context, of *streams.ReadReq_Options_AllOptions, head int64) (int64, error) {
	switch at := of.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Start:
		return 0, nil
	case *streams.ReadReq_Options_AllOptions_End:
		return afterHead(head), nil
	case *streams.ReadReq_Options_AllOptions_Position:
		commit := at.Position.GetCommitPosition()
		switch {
		case commit == 0:
			return 0, nil
		case commit == endOfLog:
			return afterHead(head), nil
		case commit > math.MaxInt64, int64(commit) > head:
			return 0, invalidPosition()
		}
		known, err := s.reads.isRecord(ctx, int64(commit))
		if err != nil {
			return 0, err
		}
		if !known {
			return 0, invalidPosition()
		}
		return int64(commit), nil
	}
	return 0, invalidArgument("The read does not say where to begin.")
}

// afterHead is the smallest number above every visible position.
func afterHead(head int64) int64 { return head + 1 }
