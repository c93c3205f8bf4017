// Package vault seals the texts that must not stand in the log in clear: notes, names and telephone numbers of guests, reasons
// for leave.
//
// Each text has a key of its own (AES-256-GCM, NIST SP 800-38D), kept in a table beside the log and nowhere else. To delete the
// key is to delete the text, in every copy of the log, its backups included. The vault promises that a key is durable before the
// text that it seals is handed out. It knows no roles: whoever may read a text asks for it.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/database"
)

const (
	keySize = 32
	// perStatement bounds the length of a statement.
	perStatement = 500
	keysTable    = "keys"
)

// Vault seals and opens texts. It is safe for concurrent use.
type Vault struct {
	db  *database.DB
	now func() time.Time
}

// New returns the vault in db, which holds the tables of migrations.Engine; now tells when keys are made.
func New(db *database.DB, now func() time.Time) *Vault { return &Vault{db: db, now: now} }

// key is a key as the table holds it.
type key struct {
	bun.BaseModel `bun:"table:keys"`

	KeyID     string            `bun:"key_id,pk"`
	Subject   string            `bun:"subject"`
	Kind      domain.SecretKind `bun:"kind"`
	Secret    []byte            `bun:"secret"`
	CreatedAt int64             `bun:"created_at"` // microseconds since 1970 UTC
}

// Seal encrypts a text under a new key, which is durable when Seal returns. The key goes with the subject whom the text is about.
func (v *Vault) Seal(ctx context.Context, subject string, kind domain.SecretKind, text string) (domain.Sealed, error) {
	k := key{
		KeyID: "key_" + rand.Text(), Subject: subject, Kind: kind, Secret: make([]byte, keySize), CreatedAt: v.now().UnixMicro(),
	}
	_, _ = rand.Read(k.Secret) // it never fails
	aead, err := k.aead()
	if err != nil {
		return domain.Sealed{}, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce)
	sealed := domain.Sealed{KeyID: k.KeyID, Box: aead.Seal(nonce, nonce, []byte(text), []byte(k.KeyID))}
	err = v.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&k).Exec(ctx)
		return err
	})
	if err != nil {
		return domain.Sealed{}, fmt.Errorf("keep key: %w", err)
	}
	return sealed, nil
}

// Open returns the texts that can still be read, by key id. A text whose key has been deleted is missing.
func (v *Vault) Open(ctx context.Context, sealed ...domain.Sealed) (map[string]string, error) {
	texts := make(map[string]string, len(sealed))
	for chunk := range slices.Chunk(sealed, perStatement) {
		boxes := make(map[string][]byte, len(chunk))
		ids := make([]string, 0, len(chunk))
		for _, s := range chunk {
			boxes[s.KeyID] = s.Box
			ids = append(ids, s.KeyID)
		}
		var keys []key
		if err := v.db.Read.NewSelect().Model(&keys).Where("key_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("read keys: %w", err)
		}
		for _, k := range keys {
			text, err := k.open(boxes[k.KeyID])
			if err != nil {
				return nil, fmt.Errorf("open text of %s: %w", k.KeyID, err)
			}
			texts[k.KeyID] = text
		}
	}
	return texts, nil
}

// Discard deletes keys. Those that are not there are deleted already.
func (v *Vault) Discard(ctx context.Context, keyIDs ...string) error {
	return v.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error { return DiscardIn(ctx, tx, keyIDs...) })
}

// DiscardIn deletes keys in a transaction of the caller's.
func DiscardIn(ctx context.Context, tx bun.Tx, keyIDs ...string) error {
	if len(keyIDs) == 0 {
		return nil
	}
	if _, err := tx.NewDelete().Model((*key)(nil)).Where("key_id IN (?)", bun.List(keyIDs)).Exec(ctx); err != nil {
		return fmt.Errorf("delete keys: %w", err)
	}
	return nil
}

var errBox = errors.New("the sealed text is too short")

func (k key) open(box []byte) (string, error) {
	aead, err := k.aead()
	if err != nil {
		return "", err
	}
	if len(box) < aead.NonceSize() {
		return "", errBox
	}
	text, err := aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], []byte(k.KeyID))
	return string(text), err
}

func (k key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.Secret)
	if err != nil {
		return nil, fmt.Errorf("use key: %w", err)
	}
	return cipher.NewGCM(block)
}
