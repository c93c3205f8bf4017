package httpapi

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/royalglow/booking/projections"
)

// Bounds of what one audit may ask for: it reads every stream from its beginning.
const (
	maxSample  = 100_000
	maxStreams = 1000
	maxStream  = 200 // bytes of a stream's name
)

type (
	streamOutput struct{ Body projections.StreamRebuild }
	auditOutput  struct{ Body projections.AuditReport }
)

type streamWish struct {
	Stream string `json:"stream" minLength:"1" maxLength:"200" doc:"The stream's name, such as booking-bkg_…."`
}

func (s *server) rebuildStream(ctx context.Context, in *projectionBodyInput) (*streamOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	wish, faults, err := decodeAll[streamWish](in.RawBody, shape{})
	if err != nil {
		return nil, err
	}
	if len(faults) == 0 && !validStream(wish.Stream) {
		faults = append(faults, Field{Pointer: "/stream", Message: "must be the name of a stream"})
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	s.operated(ctx, "rebuild_stream", in.ID)
	done, err := s.Projections.RebuildStream(ctx, in.ID, wish.Stream)
	if err != nil {
		return nil, err
	}
	return &streamOutput{Body: done}, nil
}

// validStream reports whether a stream can have the name. One with a NUL would be taken for another by the database.
func validStream(name string) bool {
	return name != "" && len(name) <= maxStream && !strings.ContainsFunc(name, unicode.IsControl)
}

type auditWish struct {
	Sample  int      `json:"sample,omitempty" minimum:"0" maximum:"100000" doc:"How many streams are drawn, from the tables and from the log; 100 unless streams are named."`
	Streams []string `json:"streams,omitempty" maxItems:"1000" doc:"Streams that are compared whatever is drawn."`
	Heal    bool     `json:"heal,omitempty" doc:"Rebuild each stream that has drifted."`
}

func (s *server) auditProjection(ctx context.Context, in *projectionBodyInput) (*auditOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	wish, faults, err := optionalBody[auditWish](in.RawBody)
	if err != nil {
		return nil, err
	}
	if wish.Sample < 0 || wish.Sample > maxSample {
		faults = append(faults, Field{Pointer: "/sample", Message: "must be from 0 to " + strconv.Itoa(maxSample)})
	}
	if len(wish.Streams) > maxStreams {
		faults = append(faults, Field{Pointer: "/streams", Message: "must be at most " + strconv.Itoa(maxStreams)})
	}
	for i, stream := range wish.Streams {
		if !validStream(stream) {
			faults = append(faults, Field{Pointer: "/streams/" + strconv.Itoa(i), Message: "must be the name of a stream"})
			break
		}
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	s.operated(ctx, "audit", in.ID)
	report, err := s.Projections.Audit(ctx, in.ID, projections.AuditOptions{Sample: wish.Sample, Streams: wish.Streams, Heal: wish.Heal})
	if err != nil {
		return nil, err
	}
	return &auditOutput{Body: report}, nil
}
