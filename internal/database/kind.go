package database

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Kind is a kind of database.
type Kind int

// The kinds.
const (
	SQLite Kind = iota
	PostgreSQL
)

// String returns the kind's name as folders and tests have it.
func (k Kind) String() string {
	switch k {
	case SQLite:
		return "sqlite"
	case PostgreSQL:
		return "postgres"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// KindOf returns the kind of database that a place names: a PostgreSQL URL, or else a SQLite file.
func KindOf(where string) Kind {
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		return PostgreSQL
	}
	return SQLite
}

// ErrPlace says that a place is neither a file nor a database's URL.
var ErrPlace = errors.New("no database is named: give a URL of the form postgres://user:password@host:5432/database")

// CheckURL says in one sentence, without the password, what is wrong with the URL of a database; nothing is connected.
func CheckURL(where string) error {
	if KindOf(where) != PostgreSQL {
		return ErrPlace
	}
	_, err := parseURL(where)
	return err
}

// Beside returns the place of a second set of tables beside those at where, which must be a PostgreSQL URL: the same database, in a
// schema of its own. It is called name, after the schema that the URL names if that is not public.
func Beside(where, name string) (string, error) {
	u, err := url.Parse(where)
	if err != nil || KindOf(where) != PostgreSQL {
		return "", ErrPlace // what url.Parse says repeats the password
	}
	q := u.Query()
	if first := q.Get(searchPath); first != "" && first != defaultSchema {
		name = first + "_" + name
	}
	q.Set(searchPath, name)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
