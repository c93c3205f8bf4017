package esdbnode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// refusal is an answer that says no, with the trailers by which clients recognise why.
// Statuses and trailers are EventStoreDB's.
//
// Unavailable is not among them on purpose, except while the node stops: on it the
// client looks for another node, leaks the connection and finally gives up for good.
type refusal struct {
	code    codes.Code
	message string
	trailer metadata.MD
}

// Error gives the message that the client sees.
func (r *refusal) Error() string { return r.message }

// GRPCStatus gives the status that the client sees.
func (r *refusal) GRPCStatus() *status.Status { return status.New(r.code, r.message) }

func refuse(code codes.Code, exception, message string, pairs ...string) *refusal {
	return &refusal{code: code, message: message, trailer: metadata.Pairs(append([]string{"exception", exception}, pairs...)...)}
}

func invalidArgument(format string, args ...any) *refusal {
	return &refusal{code: codes.InvalidArgument, message: fmt.Sprintf(format, args...)}
}

// streamDeleted must carry the name: the client panics without it.
func streamDeleted(stream string) *refusal {
	return refuse(codes.FailedPrecondition, "stream-deleted",
		fmt.Sprintf("Event stream '%s' is deleted.", stream), "stream-name", stream)
}

// wrongVersion is the answer to deletes only; appends say it in an ordinary response.
func wrongVersion(stream string, want expectation, last int64) *refusal {
	expected, actual := strconv.FormatInt(want.number(), 10), strconv.FormatInt(last, 10)
	return refuse(codes.FailedPrecondition, "wrong-expected-version",
		fmt.Sprintf("Append failed due to WrongExpectedVersion. Stream: %s, Expected version: %s, Actual version: %s", stream, expected, actual),
		"stream-name", stream, "expected-version", expected, "actual-version", actual)
}

func appendTooBig(limit int) *refusal {
	return refuse(codes.InvalidArgument, "maximum-append-size-exceeded",
		fmt.Sprintf("Maximum Append Size of %d Exceeded.", limit), "maximum-append-size", strconv.Itoa(limit))
}

func missingProperty() *refusal {
	return refuse(codes.InvalidArgument, "missing-required-metadata-property",
		"Required Metadata Property 'type' or 'content-type' is missing", "required-metadata-properties", "type,content-type")
}

func invalidPosition() *refusal {
	return invalidArgument("Trying to read from an invalid position.")
}

func unauthenticated() *refusal {
	return &refusal{code: codes.Unauthenticated, message: "Bad or missing credentials."}
}

func stopping() *refusal {
	return &refusal{code: codes.Unavailable, message: "Server Is Shutting Down"}
}

// answer turns what a handler returns into what the client gets. Refusals and the
// client's own giving up are no news; anything else is a fault of this node and is
// logged here, once.
func (n *Node) answer(ctx context.Context, err error, trailer func(metadata.MD)) error {
	if err == nil {
		return nil
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		trailer(r.trailer)
		return r
	}
	if cause := ctx.Err(); cause != nil {
		return status.FromContextError(cause).Err()
	}
	if isFull(err) {
		n.cfg.Logger.WarnContext(ctx, "event store disk is full", slog.Any("error", err))
		return status.Error(codes.ResourceExhausted, "The disk is full: the append was not written.")
	}
	if s, ok := status.FromError(err); ok {
		return s.Err() // from sending or receiving: gRPC knows already
	}
	n.cfg.Logger.ErrorContext(ctx, "event store call failed", slog.Any("error", err))
	return status.Error(codes.Internal, err.Error())
}

func (n *Node) answerUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	resp, err := handle(ctx, req)
	return resp, n.answer(ctx, err, func(md metadata.MD) { _ = grpc.SetTrailer(ctx, md) })
}

func (n *Node) answerStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	return n.answer(ss.Context(), handle(srv, ss), ss.SetTrailer)
}
