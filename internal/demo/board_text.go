package demo

import (
	"cmp"
	"strings"
)

// The kinds of channel that the view counts.
const (
	kindCustomer = "customer"
	kindBooking  = "booking"
	kindInternal = "internal"
	kindQueue    = "queue"
	kindSchedule = "schedule"
	kindStaff    = "staff"
	kindLeave    = "leave"
)

func channelKinds() []string {
	return []string{kindCustomer, kindBooking, kindInternal, kindQueue, kindSchedule, kindStaff, kindLeave}
}

func channelKind(channel string) string {
	switch {
	case strings.HasPrefix(channel, "admin:bookings:"):
		return kindQueue
	case strings.HasPrefix(channel, "admin:schedule:"):
		return kindSchedule
	case strings.HasPrefix(channel, "admin:leave:"):
		return kindLeave
	case strings.HasPrefix(channel, "booking:") && strings.HasSuffix(channel, ":internal"):
		return kindInternal
	}
	kind, _, _ := strings.Cut(channel, ":")
	return kind
}

// inWords says what the message tells the desk.
func (n note) inWords() string {
	if n.FromStatus != "" && n.ToStatus != "" {
		return inWords(string(n.FromStatus)) + " → " + inWords(string(n.ToStatus))
	}
	words := map[string]string{
		"booking.new": "New request", "booking.walkin_created": "Walked in", "booking.cancelled": "→ Cancelled",
		"booking.no_show": "→ No show", "booking.rescheduled": "Moved to another day", "booking.staff_changed": "Other staff",
		"booking.needs_staff": "Needs staff", "booking.updated": "Other services", "booking.conflict": "In the way of a day off",
	}
	return cmp.Or(words[n.Name], n.Name)
}

// inWords makes "in_progress" "In progress".
func inWords(status string) string {
	text := strings.ReplaceAll(status, "_", " ")
	return strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):]
}
