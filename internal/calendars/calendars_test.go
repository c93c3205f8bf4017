package calendars_test

import (
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/calendars"
	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/migrations"
)

func TestALinkIsReplacedAndTakenBack(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		l := calendars.New(db, time.Now)
		replace := func(owner string) string {
			secret, err := l.Replace(t.Context(), owner)
			if err != nil || len(secret) < 40 {
				t.Fatalf("%q, %v", secret, err)
			}
			return secret
		}
		whose := func(secret, want string) {
			t.Helper()
			if owner, ok, err := l.Owner(t.Context(), secret); err != nil || owner != want || ok != (want != "") {
				t.Errorf("it is %q's, %v; want %q's", owner, err, want)
			}
		}
		first, another := replace("usr_carla1"), replace("stf_anna01")
		whose(first, "usr_carla1")
		second := replace("usr_carla1")
		whose(first, "")
		whose(second, "usr_carla1")
		whose(another, "stf_anna01")
		whose("guess", "")
		for _, want := range []bool{true, false} {
			if ok, err := l.Revoke(t.Context(), "usr_carla1"); err != nil || ok != want {
				t.Errorf("taken back: %v, %v", ok, err)
			}
		}
		whose(second, "")
		var digests []string
		if err := db.Read.NewSelect().Table("calendars").Column("digest").Scan(t.Context(), &digests); err != nil {
			t.Fatal(err)
		}
		for _, d := range digests {
			if strings.Contains(d, another) {
				t.Error("the secret itself is kept")
			}
		}
	})
}
