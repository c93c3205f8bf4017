package httpapi

import (
	"context"

	"github.com/royalglow/booking/commands"
)

type requestInput struct {
	KeyInput
	BodyInput
}

func (s *server) requestBooking(ctx context.Context, in *requestInput) (*receiptOutput, error) {
	options, err := in.options()
	if err != nil {
		return nil, err
	}
	wish, err := decode[commands.RequestBooking](in.RawBody)
	if err != nil {
		return nil, err
	}
	r, err := s.Commands.RequestBooking(ctx, sessionOf(ctx).caller(), options, wish)
	if err != nil {
		return nil, err
	}
	return receipt(r, "/api/bookings/"+r.ID), nil
}
