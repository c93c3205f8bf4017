package commands

import (
	"context"
	"errors"
	"log/slog"

	"github.com/royalglow/booking/domain"
)

// secrets are the keys that one command has made. They are durable before the event that needs them, so that a command which
// comes to nothing leaves some behind.
type secrets struct {
	service *Service
	subject string
	keyIDs  []string
}

// seal encrypts a text under a key of its own.
func (k *secrets) seal(ctx context.Context, kind domain.SecretKind, text string) (domain.Sealed, error) {
	sealed, err := k.service.vault.Seal(ctx, k.subject, kind, text)
	if err != nil {
		return domain.Sealed{}, err
	}
	k.keyIDs = append(k.keyIDs, sealed.KeyID)
	return sealed, nil
}

// settle keeps the keys of a command that has appended what needs them, or that may have; those of one that certainly has not
// are deleted.
func (k *secrets) settle(ctx context.Context, r Receipt, err error) {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	needed := r.appended || (err != nil && (!refused || refusal.Kind == domain.Unavailable))
	if needed || len(k.keyIDs) == 0 {
		return
	}
	if err := k.service.vault.Discard(context.WithoutCancel(ctx), k.keyIDs...); err != nil {
		k.service.log.WarnContext(ctx, "keys of a command that came to nothing are left", slog.Any("error", err))
	}
}
