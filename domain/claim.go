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

// claimsFor returns the claims that segments need: those already held where member and interval are unchanged, new ones
// from newID everywhere else.
func claimsFor(segments []Segment, held []Claim, newID func() string) []Claim {
	claims := make([]Claim, 0, len(segments))
	for _, s := range segments {
		claims = append(claims, claimFor(s, held, newID))
	}
	return claims
}

func claimFor(s Segment, held []Claim, newID func() string) Claim {
	for _, c := range held {
		if c.SegmentID == s.SegmentID && c.StaffID == s.StaffID && c.StartAt.Equal(s.StartAt) && c.EndAt.Equal(s.EndAt) {
			return c
		}
	}
	return Claim{ClaimID: newID(), SegmentID: s.SegmentID, StaffID: s.StaffID, StartAt: s.StartAt, EndAt: s.EndAt}
}
