package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// tokenFlags say whose token it is.
type tokenFlags struct {
	secret   string
	user     string
	role     string
	staff    string
	branches []string
	valid    time.Duration
}

// tokenCommand signs a user's token. Users sign in elsewhere: this is for the first steps, for tests and for operators.
func (p *program) tokenCommand() *cli.Command {
	var f tokenFlags
	return &cli.Command{
		Name: "token", Usage: "sign a user's token with SESSION_SECRET, for the first steps and for operators",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "session-secret", Value: p.Getenv("SESSION_SECRET"), Destination: &f.secret, Usage: "HS256 `SECRET` of the engine [SESSION_SECRET]", HideDefault: true},
			&cli.StringFlag{Name: "user", Destination: &f.user, Usage: "the user's `ID`, usr_…"},
			&cli.StringFlag{Name: "role", Value: string(domain.RoleCustomer), Destination: &f.role, Usage: "`ROLE`: customer, staff, receptionist, manager, owner or developer"},
			&cli.StringFlag{Name: "staff", Destination: &f.staff, Usage: "`ID` of the member of staff that the user is, stf_…"},
			&cli.StringSliceFlag{Name: "branch", Destination: &f.branches, Usage: "`ID` of a branch at whose desk the user works, br_…; may be repeated"},
			&cli.DurationFlag{Name: "valid", Value: time.Hour, Destination: &f.valid, Usage: "how `LONG` the token is good for"},
		},
		Action: func(_ context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			if err := f.validate(); err != nil {
				return err
			}
			token, err := httpapi.SignSession([]byte(f.secret), httpapi.Session{
				UserID: f.user, Role: domain.Role(f.role), StaffID: f.staff, BranchIDs: f.branches,
			}, time.Now(), f.valid)
			if err != nil {
				return err
			}
			p.say(p.Stdout, "%s\n", token)
			return nil
		},
	}
}

// validate refuses what the engine would not take.
func (f tokenFlags) validate() error {
	_, known := domain.ParseRole(f.role)
	switch {
	case len(f.secret) < minSecret:
		return usagef("set SESSION_SECRET to the engine's: at least %d bytes", minSecret)
	case !domain.ValidID(domain.UserPrefix, f.user):
		return usagef("-user %q: give an id of the form usr_… (6 to 40 letters or digits)", f.user)
	case !known:
		return usagef("-role %q: use customer, staff, receptionist, manager, owner or developer", f.role)
	case f.staff != "" && !domain.ValidID(domain.StaffPrefix, f.staff), f.role == string(domain.RoleStaff) && f.staff == "":
		return usagef("-staff %q: give the member's id, of the form stf_…", f.staff)
	case f.valid <= 0:
		return usagef("-valid %v: give a positive time such as 1h", f.valid)
	}
	for _, id := range f.branches {
		if !domain.ValidID(domain.BranchPrefix, id) {
			return usagef("-branch %q: give an id of the form br_…", id)
		}
	}
	return nil
}
