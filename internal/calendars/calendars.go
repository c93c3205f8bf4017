// Package calendars gives out the secret links under which calendar programs read somebody's bookings.
//
// A link is read-only and lasts until it is replaced or taken back. Everybody has one at most. The package knows whose a link
// is, not what stands in the calendar.
package calendars

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
)

// Links are the secret links. They are safe for concurrent use.
type Links struct {
	db  *database.DB
	now func() time.Time
}

// New returns the links in db, which holds the tables of migrations.Engine; now tells when they are made.
func New(db *database.DB, now func() time.Time) *Links { return &Links{db: db, now: now} }

type link struct {
	bun.BaseModel `bun:"table:calendars"`

	Digest    string `bun:"digest,pk"`
	Owner     string `bun:"owner"`
	CreatedAt int64  `bun:"created_at"` // microseconds since 1970 UTC
}

// Replace makes a new secret for the owner, a customer or a member of staff; an earlier one no longer works. The secret is 52
// letters and digits, and is shown this once.
func (l *Links) Replace(ctx context.Context, owner string) (secret string, err error) {
	secret = rand.Text() + rand.Text()
	row := link{Digest: digest(secret), Owner: owner, CreatedAt: l.now().UnixMicro()}
	err = l.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := Forget(ctx, tx, owner); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(&row).Exec(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("replace calendar link: %w", err)
	}
	return secret, nil
}

// Revoke takes the owner's link back; ok is false when there was none.
func (l *Links) Revoke(ctx context.Context, owner string) (ok bool, err error) {
	var n int
	err = l.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err = Forget(ctx, tx, owner)
		return err
	})
	return n > 0, err
}

// Owner returns whose calendar a secret opens; ok is false when it opens none.
func (l *Links) Owner(ctx context.Context, secret string) (owner string, ok bool, err error) {
	var row link
	err = l.db.Read.NewSelect().Model(&row).Where("digest = ?", digest(secret)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read calendar link: %w", err)
	}
	return row.Owner, true, nil
}

// Forget takes the owner's link back in a transaction of the caller's, and tells how many there were.
func Forget(ctx context.Context, tx bun.Tx, owner string) (int, error) {
	res, err := tx.NewDelete().Model((*link)(nil)).Where("owner = ?", owner).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("delete calendar link: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// digest is how a secret is looked up. Secrets are random and long, so that a plain digest cannot be turned back.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
