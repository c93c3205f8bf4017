// Package directory holds the names that are shown for ids: of customers, staff and branches.
//
// Names are told to the engine from outside and may change at any time. They are not events, so the log holds no personal
// data in clear, and no rebuild touches them. Nothing depends on a name: where one is missing, readers show none.
package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/plaintext"
)

// MaxName is the greatest length of a name in characters.
const MaxName = 200

// idsPerQuery bounds the length of a statement.
const idsPerQuery = 500

// Directory gives names for ids. It is safe for concurrent use.
type Directory struct {
	db  *database.DB
	now func() time.Time
}

// New returns the directory in db, which holds the tables of migrations.Engine; now tells the time of changes.
func New(db *database.DB, now func() time.Time) *Directory { return &Directory{db: db, now: now} }

type entry struct {
	bun.BaseModel `bun:"table:directory"`

	ID        string `bun:"id,pk"`
	Name      string `bun:"display_name"`
	UpdatedAt int64  `bun:"updated_at"` // microseconds since 1970 UTC
}

// Holds reports whether the directory has names for ids of this form: those of users, members of staff and branches.
func Holds(id string) bool {
	return domain.ValidID(domain.UserPrefix, id) || domain.ValidID(domain.StaffPrefix, id) || domain.ValidID(domain.BranchPrefix, id)
}

// PutName sets the name that is shown for an id, and returns it as it is kept, without blanks around it. Another id than Holds
// allows and a name that is too long or not legible are refused with a *domain.Refusal.
func (d *Directory) PutName(ctx context.Context, id, name string) (kept string, err error) {
	if !Holds(id) {
		return "", domain.Refuse(domain.Invalid, domain.CodeValidation, "the id is not of a user, a member of staff or a branch")
	}
	name = strings.TrimSpace(name)
	if !ValidName(name) {
		return "", domain.Refuse(domain.Invalid, domain.CodeValidation, "a name has 1 to %d characters on one line that people can read", MaxName).
			At("/name")
	}
	row := entry{ID: id, Name: name, UpdatedAt: d.now().UnixMicro()}
	err = d.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Exec(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("put name: %w", err)
	}
	return name, nil
}

// ValidName reports whether a name is neither empty nor too long, and legible. Blanks around it do not count.
func ValidName(name string) bool {
	name = strings.TrimSpace(name)
	n := utf8.RuneCountInString(name)
	return n > 0 && n <= MaxName && plaintext.Legible(name, false)
}

// Names returns the names of those ids that have one.
func (d *Directory) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	for chunk := range slices.Chunk(ids, idsPerQuery) {
		var rows []entry
		if err := d.db.Read.NewSelect().Model(&rows).Where("id IN (?)", bun.List(chunk)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		for _, r := range rows {
			names[r.ID] = r.Name
		}
	}
	return names, nil
}

// Forget deletes the name of an id, in a transaction of the caller's, and tells how many there were.
func Forget(ctx context.Context, tx bun.Tx, id string) (int, error) {
	res, err := tx.NewDelete().Model((*entry)(nil)).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("delete name: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
