package eventstore

import (
	"errors"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// verdict is what an error says about the request that it ended.
type verdict int

const (
	// doubtful: it may have been carried out.
	doubtful verdict = iota
	// done: it was.
	done
	// unsent: it certainly was not; the same request may fare better later.
	unsent
	// conflicting: the stream was elsewhere.
	conflicting
	// deleted: the stream is closed for ever.
	deleted
	// missing: there is no such stream.
	missing
	// refused: it was not carried out, and never will be.
	refused
)

// judge classifies the error of a request that was sent. It knows what an answer means, and takes everything that is not
// certainly an answer of the server for doubt.
func judge(err error) verdict {
	if errors.Is(err, errPanic) {
		return doubtful
	}
	e, ok := errors.AsType[*esdb.Error](err)
	if !ok {
		return judgeStatus(err)
	}
	switch e.Code() {
	case esdb.ErrorCodeWrongExpectedVersion:
		return conflicting
	case esdb.ErrorCodeStreamDeleted:
		return deleted
	case esdb.ErrorCodeResourceNotFound:
		return missing
	case esdb.ErrorCodeNotLeader:
		return unsent
	case esdb.ErrorCodeUnauthenticated, esdb.ErrorCodeAccessDenied, esdb.ErrorCodeUnsupportedFeature,
		esdb.ErrorCodeResourceAlreadyExists:
		return refused
	case esdb.ErrorCodeUnknown:
		return judgeStatus(e.Err())
	case esdb.ErrorCodeDeadlineExceeded, esdb.ErrorCodeConnectionClosed, esdb.ErrorCodeParsing, esdb.ErrorCodeInternalClient,
		esdb.ErrorCodeInternalServer, esdb.ErrorAborted, esdb.ErrorUnavailable:
	}
	return doubtful
}

// judgeStatus looks at the gRPC status, which the library leaves alone for these.
func judgeStatus(err error) verdict {
	switch status.Code(err) { //nolint:exhaustive // the rest is doubt, as are codes that do not exist yet
	case codes.ResourceExhausted:
		return unsent // a full disk, for one: refused before anything is written, and welcome when there is room
	case codes.InvalidArgument, codes.FailedPrecondition, codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return refused
	}
	return doubtful
}

// connectionLost reports whether the error means that the session has no future.
func connectionLost(err error) bool {
	if e, ok := errors.AsType[*esdb.Error](err); ok {
		switch e.Code() { //nolint:exhaustive // the rest are answers of a server that is there
		case esdb.ErrorCodeConnectionClosed, esdb.ErrorUnavailable, esdb.ErrorCodeNotLeader:
			return true
		}
	}
	return status.Code(err) == codes.Unavailable
}

// foreignPosition reports whether the server does not know the position to read from. It has no code of its own for that.
func foreignPosition(err error) bool {
	if e, ok := errors.AsType[*esdb.Error](err); ok {
		err = e.Err()
	}
	s := status.Convert(err)
	return s.Code() == codes.InvalidArgument && strings.Contains(s.Message(), "invalid position")
}
