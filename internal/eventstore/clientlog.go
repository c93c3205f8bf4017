package eventstore

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// noticed is how the library announces that a call has failed, before it acts on it. The text is part of the pinned version;
// a test fails when it changes.
const noticed = "unexpected exception: %v"

// observe passes the library's log on, at debug level since what matters is told by errors, and retires the session when the
// library is about to give up its connection.
func observe(ctx context.Context, log *slog.Logger, s *session) esdb.LoggingFunc {
	return func(_ esdb.LogLevel, format string, args ...any) {
		if format == noticed && len(args) == 1 {
			if err, ok := args[0].(error); ok && connectionLost(err) {
				s.retire()
			}
		}
		if log.Enabled(ctx, slog.LevelDebug) {
			log.DebugContext(ctx, "event store client", slog.String("text", fmt.Sprintf(format, args...)))
		}
	}
}

// trustCheckpoints reports whether a server's checkpoints may be resumed from. Before 24.10.5 and in 25.0.0 one could equal
// the end of the log, which is where the next event goes: it would be skipped.
func trustCheckpoints(v *esdb.ServerVersion) bool {
	if v == nil {
		return false
	}
	at := func(major, minor, patch int) bool {
		switch {
		case v.Major != major:
			return v.Major > major
		case v.Minor != minor:
			return v.Minor > minor
		}
		return v.Patch >= patch
	}
	return at(24, 10, 5) && (v.Major == 24 || at(25, 0, 1))
}
