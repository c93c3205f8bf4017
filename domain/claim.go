package domain

import "time"

// Claim is a booking's hold on a member's time. A booking names the claims that it holds; the staff-day streams of the
// days that the interval touches own them. A claim is immutable: other time means another claim with another id.
type Claim struct {
	ClaimID   string    `json:"claimId"`
	SegmentID string    `json:"segmentId"`
	StaffID   string    `json:"staffId"`
	StartAt   time.Time `json:"startAt"`
	EndAt     time.Time `json:"endAt"`
}

// Days lists the UTC days on which the claim stands.
func (c Claim) Days() []string { return UTCDays(c.StartAt, c.EndAt) }

// DiffClaims returns which claims a booking needs that it did not hold before, and which of those it held it gives up.
// Claims are compared by id, because no command may use a claim that another has placed.
func DiffClaims(before, after []Claim) (place, drop []Claim) {
	return without(after, before), without(before, after)
}

func without(from, remove []Claim) []Claim {
	var left []Claim
	for _, c := range from {
		if !containsClaim(remove, c.ClaimID) {
			left = append(left, c)
		}
	}
	return left
}

func containsClaim(claims []Claim, id string) bool {
	for _, c := range claims {
		if c.ClaimID == id {
			return true
		}
	}
	return false
}

// claimFor returns the claim that a piece of time needs: the one that is held for it, else one with a new id.
func claimFor(p piece, held []Claim, newID func() string) Claim {
	for _, c := range held {
		if c.SegmentID == p.segmentID && c.StaffID == p.staffID && c.Interval().Equal(p.Interval) {
			return c
		}
	}
	return Claim{ClaimID: newID(), SegmentID: p.segmentID, StaffID: p.staffID, StartAt: p.StartAt, EndAt: p.EndAt}
}

// Interval is the time that the claim holds.
func (c Claim) Interval() Interval { return Interval{c.StartAt, c.EndAt} }
