package demo

import (
	"log/slog"

	"github.com/royalglow/booking/internal/demo/check"
)

// The attributes of this package's log lines.

func errAttr(err error) slog.Attr { return slog.String("error", err.Error()) }

func actionAttr(a check.Action) slog.Attr { return slog.String("action", string(a)) }

func statusAttr(status int) slog.Attr { return slog.Int("status", status) }

func bodyAttr(body []byte) slog.Attr { return slog.String("body", string(body)) }

func pageAttr(subscriber string) slog.Attr { return slog.String("page", subscriber) }

func channelAttr(channel string) slog.Attr { return slog.String("channel", channel) }

func differenceAttr(text string) slog.Attr { return slog.String("difference", text) }
