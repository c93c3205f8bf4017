package httpapi

import (
	"reflect"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/projections/availability"
)

// enums are the closed sets of words, by the type that has them. Types whose words are not listed here are open.
func enums() map[reflect.Type][]any {
	all := map[reflect.Type][]any{}
	for _, set := range []any{
		domain.Statuses(), domain.LeaveStatuses(),
		[]domain.ServiceType{domain.ServiceSalon, domain.ServiceSpa},
		[]domain.PhaseKind{domain.PhaseActive, domain.PhaseProcessing},
		[]domain.SlotKind{domain.SlotTentative, domain.SlotFirm},
		[]domain.LeaveType{domain.LeaveSick, domain.LeaveCasual, domain.LeavePersonal, domain.LeaveOther},
		[]domain.Party{domain.PartyCustomer, domain.PartySalon, domain.PartySystem},
		[]domain.Visibility{domain.VisibleInternal, domain.VisibleCustomer},
		[]domain.PaymentMethod{domain.PaidCash, domain.PaidUPI, domain.PaidCard},
		[]domain.LateCancelRule{domain.LateCancelFlag, domain.LateCancelBlock},
		[]domain.ClearedBy{domain.ClearedByVisits, domain.ClearedByManager, domain.ClearedByCorrection},
		[]domain.Override{domain.OverrideLeadTime, domain.OverrideHorizon, domain.OverrideHours, domain.OverrideBuffer},
		[]projections.GenerationState{
			projections.GenerationBuilding, projections.GenerationJoined, projections.GenerationLive, projections.GenerationPrevious,
			projections.GenerationFailed, projections.GenerationDropped,
		},
		[]projections.DriftKind{projections.DriftMissing, projections.DriftExtra, projections.DriftDiffers},
		[]domain.Role{
			domain.RoleCustomer, domain.RoleStaff, domain.RoleReceptionist, domain.RoleManager, domain.RoleOwner, domain.RoleDeveloper,
			domain.RoleSystem,
		},
		[]commands.Warning{commands.WarnCustomerOverlap},
		[]availability.Reason{
			availability.ReasonClosed, availability.ReasonFullyBooked, availability.ReasonNobody, availability.ReasonPast,
			availability.ReasonHorizon, availability.ReasonCap,
		},
	} {
		list := reflect.ValueOf(set)
		for i := range list.Len() {
			all[list.Type().Elem()] = append(all[list.Type().Elem()], list.Index(i).String())
		}
	}
	return all
}

// glossary says what members mean whose fields do not say it themselves: by schema and member, or by the member's name, where it
// means the same everywhere.
func glossary() map[string]string {
	return map[string]string{
		"at":         "When it was (UTC).",
		"bookingId":  "The booking.",
		"branchId":   "The branch.",
		"customerId": "The customer.",
		"serviceId":  "The service.",
		"segmentId":  "The service within the booking, such as seg_1.",
		"staffId":    "The member of staff.",
		"staffName":  "As the directory has it; missing when it is not known.",
		"leaveId":    "The leave.",
		"noteId":     "The note.",
		"closureId":  "The closure.",
		"startAt":    "When it begins (UTC).",
		"endAt":      "When it ends (UTC), exclusive.",
		"localDates": "The dates on the branch's calendar that it touches, ascending.",
		"localStart": "The start on the branch's clocks, HH:MM.",
		"fromDate":   "The first date.",
		"toDate":     "The last date, inclusive.",
		"timeZone":   "The IANA zone of the branch's clocks.",
		"currency":   "ISO 4217.",
		"overrides":  "The limits that the desk passed over.",
		"policy":     "The rules of booking.",
		"position":   "How far the read has seen the log.",
		"revision":   "What If-Match wants, without the quotes.",
		"status":     "The booking's.",
		"updatedAt":  "When it last changed.",
		"visibility": "Who may read it: the salon alone, or the customer too.",

		"Actor.userId":     "Who; empty for the engine itself.",
		"Actor.role":       "As what.",
		"Actor.onBehalfOf": "The customer for whom the desk acted; missing when it acted for the salon.",

		"AuditRefusal.reason": "Why nothing could be done about it.",
		"AuditRefusal.stream": "The stream.",

		"AuditReport.projection": "The read model's name.",
		"AuditReport.generation": "The one that was compared: that which is read.",
		"AuditReport.position":   "Where in the log rows and events were compared.",
		"AuditReport.audited":    "How many streams were compared.",
		"AuditReport.seed":       "Draws the same streams again, from the same tables and log.",
		"AuditReport.drifted":    "The rows that are not what the log makes of them.",
		"AuditReport.healed":     "The streams that were rebuilt.",
		"AuditReport.refused":    "The streams that could not be compared, or not be rebuilt.",
		"AuditReport.error":      "Why the audit could not be carried out.",

		"Drift.stream":  "Whose row it is.",
		"Drift.table":   "The table, without version and generation.",
		"Drift.kind":    "The row is missing, is one too many, or differs.",
		"Drift.key":     "The row's key, by column.",
		"Drift.columns": "Those that differ.",

		"Branch.id":           "The branch.",
		"Branch.name":         "What people call it.",
		"Branch.hours":        "When it is open, on its clocks; without any it never closes but for closures.",
		"Branch.openedAt":     "When it became part of the chain.",
		"BranchList.branches": "Ordered by id.",

		"Closure.reason": "Why, in words for everybody.",

		"Counted.bookingId": "The booking that counts.",

		"Build.projection":      "The read model's name.",
		"Build.generation":      "Its number; they rise.",
		"Build.state":           "It is building, joined to the one that is read, live, kept as the previous one, failed or dropped.",
		"Build.previous":        "The generation that it replaces, or has replaced; 0: none.",
		"Build.events":          "How many were folded while it was built.",
		"Build.seconds":         "How long that took.",
		"Build.eventsPerSecond": "How fast that was.",
		"Build.verified":        "At one position of the log its rows were compared with those of the generation before, and are the same.",
		"Build.hash":            "SHA-256 over its rows when it went live; empty when it was not compared.",
		"Build.swapped":         "It has gone live.",
		"Build.position":        "How far it has come, while it is built.",
		"Build.requestedBy":     "Who asked for it; install or deploy: the engine itself.",
		"Build.requestedAt":     "When that was (UTC).",
		"Build.error":           "Why it failed, or how it differs.",

		"Halt.eventId":   "The event that cannot be applied.",
		"Halt.eventType": "Its name, such as booking.confirmed.",
		"Halt.stream":    "The stream that it is in.",
		"Halt.revision":  "Its place in the stream.",
		"Halt.position":  "Its place in the log.",
		"Halt.reason":    "Why it cannot be applied.",

		"ProjectionStatus.name":       "What operators call it.",
		"ProjectionStatus.version":    "Of its tables and of what events mean to them; it rises with the program.",
		"ProjectionStatus.generation": "The one that is read; 0 while the first one is built.",
		"ProjectionStatus.previous":   "The one that a rollback leads to; missing: none.",
		"ProjectionStatus.state":      "One of building, connecting, catching_up, live, retrying, paused, halted or stopped: no instance runs it.",
		"ProjectionStatus.position":   "How far what is read has seen the log.",
		"ProjectionStatus.lagSeconds": "How long the oldest event that is not folded yet has been in the log.",
		"ProjectionStatus.owner":      "The instance that runs it; empty: none.",
		"ProjectionStatus.term":       "Counts the ownerships.",
		"ProjectionStatus.rebuild":    "What is being built; missing: nothing.",
		"ProjectionStatus.halt":       "Where it has halted; missing: it has not.",
		"ProjectionStatus.pausedBy":   "Who has paused it.",
		"ProjectionStatus.pausedAt":   "Since when it is paused (UTC).",
		"ProjectionStatus.error":      "What it is retrying for, as far as this instance knows.",
		"ProjectionStatus.skipped":    "The streams that are set aside.",

		"Skipped.projection": "The read model's name.",
		"Skipped.eventId":    "The event that was passed over.",
		"Skipped.eventType":  "Its name, such as booking.confirmed.",
		"Skipped.stream":     "The stream that is set aside from there on.",
		"Skipped.position":   "The event's place in the log.",
		"Skipped.reason":     "Why it could not be applied.",
		"Skipped.skippedBy":  "Who let the read model pass over it.",
		"Skipped.skippedAt":  "When that was (UTC).",

		"Clearing.by":     "What cleared the customer: three visits in a row, a manager, or a correction.",
		"Clearing.actor":  "Who did.",
		"Clearing.reason": "Why, for the salon.",

		"DateOverride.date":   "The date on the branch's calendar.",
		"DateOverride.ranges": "What holds on it instead of the pattern; none: off all day.",
		"DateOverride.lifted": "Takes an earlier override of the date back.",

		"Details.auto":            "The branch's policy or the clock did it, not a person.",
		"Details.by":              "Whose wish a move or a cancellation was.",
		"Details.fromMinutes":     "How long the service was to take before.",
		"Details.toMinutes":       "How long it is to take now.",
		"Details.late":            "Cancelled inside the cutoff of the policy.",
		"Details.paidMinor":       "What was paid, in minor units of the currency.",
		"Details.paymentMethod":   "How it was paid.",
		"Details.requiresManager": "Only a manager approves it.",
		"Details.staff":           "The services that changed hands.",
		"Details.times":           "Set where the booking begins or ends at another time than before.",

		"Pattern.effectiveFrom": "The date on the branch's calendar from which the week holds, until a later pattern takes its place.",
		"Pattern.week":          "What repeats every seven days.",

		"Phase.kind":    "Whether the member works then, or is free.",
		"Phase.minutes": "How long it lasts.",

		"PartState.name":   "What operators call it.",
		"PartState.ready":  "Whether it works.",
		"PartState.detail": "What is wrong with it, in words for operators.",
		"Readiness.parts":  "What the engine is made of.",

		"SetHours.pattern":   "A week that holds from a date on. It does not go with an override.",
		"SetHours.override":  "What differs on one date.",
		"SetShifts.pattern":  "A week that holds from a date on. It does not go with an override.",
		"SetShifts.override": "What differs on one date.",

		"SlotView.kind":     "A pending booking takes its time tentatively, all others firmly.",
		"SlotView.revision": "The booking's.",

		"StaffChange.fromStaffId": "Who did it before; missing: nobody.",
		"StaffChange.toStaffId":   "Who does it now; missing: nobody.",

		"Standing.noShows":           "Those that count, the oldest first.",
		"Standing.lateCancellations": "Those that count, the oldest first.",
		"Standing.needsApproval":     "The customer's bookings need a manager.",
		"Standing.requiredAt":        "Since when.",
		"Standing.requiredFor":       "The booking that was a no-show too many.",
		"Standing.cleared":           "When and why the customer was last cleared; missing: never.",
		"Standing.erasedAt":          "When what was known of the customer as a person was last deleted; missing: never.",
		"Standing.revision":          "What If-Match wants, without the quotes; -1 as long as nothing was noted.",

		"StepView.revision":   "The event's place in the booking's stream.",
		"StepView.position":   "The event's place in the log.",
		"StepView.type":       "The event's name, such as booking.confirmed.",
		"StepView.actor":      "Who did it, as what, and for whom.",
		"StepView.fromStatus": "The status before; missing for the first step.",
		"StepView.toStatus":   "The status after; the same where it stayed.",
		"StepView.reason":     "Why, in words.",
		"StepView.reasonCode": "Why, for programs.",
		"StepView.details":    "What else there is to tell; what does not apply is left out.",

		"StreamRebuild.projection":  "The read model's name.",
		"StreamRebuild.stream":      "The stream that was asked for.",
		"StreamRebuild.streams":     "Those whose rows were made anew: that one, or those that its events have a part in.",
		"StreamRebuild.generations": "In which it was done.",
		"StreamRebuild.position":    "How far what is read has seen the log.",
		"StreamRebuild.events":      "How many were folded.",
		"StreamRebuild.replaced":    "How many rows went.",
		"StreamRebuild.resumed":     "It was set aside, and is not any more.",

		"TimeRange.from": "HH:MM.",
		"TimeRange.to":   "HH:MM, exclusive; 24:00 is the end of the day.",

		"TimesChange.fromStartAt": "When the booking began before.",
		"TimesChange.fromEndAt":   "When it ended before.",
		"TimesChange.toStartAt":   "When it begins now.",
		"TimesChange.toEndAt":     "When it ends now.",

		"Timetable.patterns":  "Weeks, by the date from which they hold.",
		"Timetable.overrides": "Dates that differ; none: off all day.",

		"Week.mon": "The ranges of Mondays; missing when off.",
		"Week.tue": "The ranges of Tuesdays; missing when off.",
		"Week.wed": "The ranges of Wednesdays; missing when off.",
		"Week.thu": "The ranges of Thursdays; missing when off.",
		"Week.fri": "The ranges of Fridays; missing when off.",
		"Week.sat": "The ranges of Saturdays; missing when off.",
		"Week.sun": "The ranges of Sundays; missing when off.",

		"Workplace.shifts":   "When the member works there; without any whenever the branch is open.",
		"Workplace.skills":   "The services that the member does there; none means all.",
		"Workplace.timeZone": "The IANA zone of the shifts; missing as long as there are none.",
	}
}
