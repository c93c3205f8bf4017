package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// customersCommand groups what concerns customers as persons.
func (p *program) customersCommand() *cli.Command {
	return &cli.Command{
		Name: "customers", Usage: "what the engine knows of customers as persons",
		Commands: []*cli.Command{p.eraseCommand()}, Action: groupAction,
	}
}

func (p *program) eraseCommand() *cli.Command {
	var f opsFlags
	return &cli.Command{
		Name: "erase", Usage: "forget a customer as a person, for good", ArgsUsage: "ID",
		Description: "ID is a customer's user id (usr_…), or the booking of a guest (bkg_…).\n" +
			"The keys of all texts about the customer are deleted, and with them the texts in every copy of the log;\n" +
			"so are the display name and the calendar link. Bookings stay, with \"removed\" in place of the texts.",
		Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			id, err := oneArg(cmd, "the customer's id")
			if err != nil {
				return err
			}
			if !domain.ValidID(domain.UserPrefix, id) && !domain.ValidID(domain.BookingPrefix, id) {
				return usagef("%q is not an id of the form usr_… or bkg_…", id)
			}
			client, err := p.opsClient(f)
			if err != nil {
				return err
			}
			var report httpapi.ErasureView
			if err := client.do(ctx, http.MethodPost, "/api/ops/customers/"+id+"/erase", nil, &report); err != nil {
				return err
			}
			return p.answer(f, report, erased(report))
		},
	}
}

// erased says what was deleted. Who mistyped an id must not read that somebody is forgotten.
func erased(e httpapi.ErasureView) string {
	if e.Notes+e.Contacts+e.Names+e.Calendars == 0 {
		return fmt.Sprintf("Nothing was known of %s: there was no text, name or calendar link to delete.\n", e.CustomerID)
	}
	return fmt.Sprintf("%s is forgotten.\n  notes     %d\n  contacts  %d\n  names     %d\n  calendars %d\n",
		e.CustomerID, e.Notes, e.Contacts, e.Names, e.Calendars)
}
