// Package availability answers when what is wanted is free: from memory, because people try many dates before they book one.
//
// The Index holds the catalogue and the members' taken time from yesterday on. It is loaded from the read models when it starts and
// follows the log from there; it has no tables of its own. It promises that an answer is of one log position, which it tells; that
// whatever it calls free the staff-days took for free at that position; and that it uses the domain's own rules for hours, shifts,
// buffers and processing time. It decides nothing: between the answer and the booking somebody else may be faster.
//
// A search is a sweep: the free time of each member (shift − leave − taken) gives, for each service,
// ranges of possible starts; a start on the grid is offered when the
// branch is open all through and every service has somebody. The services of one booking follow one
// another, so that who does one does not matter to the others.
package availability
