package httpapi

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/publishers"
)

// The handlers read all parameters as text, to name everything that is wrong with them at once. What form each has is said here,
// for the description alone.

// dateForm is that of a calendar date.
func dateForm() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2026-06-15"}}
}

// listForm is words of a form with commas between them.
func listForm(word string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^(" + word + ")(,(" + word + "))*$"}
}

func oneOf(words ...any) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Enum: words} }

// wordsOf joins the words of a closed set into a pattern.
func wordsOf[W ~string](set []W) string {
	words := make([]string, len(set))
	for i, w := range set {
		words[i] = string(w)
	}
	return strings.Join(words, "|")
}

// parameterForm is the form of a parameter of an operation; nil where it is any text.
func parameterForm(operation, name string) *huma.Schema {
	list, availability := operation == "listBookings", operation == "getAvailability"
	switch name {
	case "bookingId", "excludeBookingId":
		return idSchema(domain.BookingPrefix)
	case "branchId":
		return idSchema(domain.BranchPrefix)
	case "leaveId":
		return idSchema(domain.LeavePrefix)
	case "customerId":
		if operation == "eraseCustomer" {
			return &huma.Schema{Type: huma.TypeString, Pattern: idPattern("subject")}
		}
		return idSchema(domain.UserPrefix)
	case "staffId":
		if availability {
			return listForm("any|" + strings.Trim(idPattern(string(domain.StaffPrefix)), "^$"))
		}
		return idSchema(domain.StaffPrefix)
	case "serviceIds":
		return listForm(strings.Trim(idPattern(string(domain.ServicePrefix)), "^$"))
	case "status":
		if list {
			return listForm(wordsOf(domain.Statuses()))
		}
		return listForm(wordsOf(domain.LeaveStatuses()))
	case "from", "to":
		if list {
			return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{"2026-06-15T10:00:00Z"}}
		}
		return dateForm()
	case "date", "fromDate", "toDate":
		return dateForm()
	case "order":
		return oneOf("start", "-start")
	case "type":
		return oneOf(string(domain.ServiceSalon), string(domain.ServiceSpa))
	case "needsStaff":
		return &huma.Schema{Type: huma.TypeBoolean}
	case "limit":
		least, most := 1.0, float64(projections.MaxLimit)
		if operation == "listDeliveries" {
			most = publishers.MaxDeliveries
		}
		return &huma.Schema{Type: huma.TypeInteger, Minimum: &least, Maximum: &most}
	case "minPosition":
		return &huma.Schema{Type: huma.TypeString, Pattern: `^(published|0|[1-9]\d*)$`, Examples: []any{"published"}}
	case "projection":
		return &huma.Schema{Type: huma.TypeString, Pattern: projectionForm}
	case "entity":
		return &huma.Schema{Type: huma.TypeString, Pattern: entityForm}
	case "channel":
		return &huma.Schema{Type: huma.TypeString, Pattern: channelForm}
	case "traceId":
		return &huma.Schema{Type: huma.TypeString, Pattern: traceForm}
	case "outcome":
		var outcomes []any
		for _, o := range publishers.Outcomes() {
			outcomes = append(outcomes, o)
		}
		return oneOf(outcomes...)
	case "generation":
		return &huma.Schema{Type: huma.TypeString, Pattern: `^[1-9][0-9]{0,17}$`}
	case "as":
		return oneOf(string(domain.RoleCustomer), string(domain.RoleReceptionist))
	case idempotencyKeyHeader:
		return &huma.Schema{Type: huma.TypeString, Pattern: `^[0-9A-Za-z_-]{1,64}$`}
	case ifMatchHeader:
		return &huma.Schema{Type: huma.TypeString, Pattern: `^"(0|[1-9]\d*)"$`, Examples: []any{`"3"`}}
	}
	return nil
}

func idSchema(prefix domain.IDPrefix) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: idPattern(string(prefix))}
}

// required reports whether a request must have a query parameter.
func required(operation, name string) bool {
	return name == "from" && (operation == "getAvailability" || strings.HasSuffix(operation, "Schedule")) || name == "serviceIds" || name == "as"
}

// formName is the name by which a parameter's form is known.
func formName(op *huma.Operation, p *huma.Param) string {
	if p.In == "path" {
		return memberOf(op.Path, p.Name)
	}
	return p.Name
}

// describeParameters says what form the parameters of all operations have.
func describeParameters(op *huma.Operation) {
	for _, p := range op.Parameters {
		if form := parameterForm(op.OperationID, formName(op, p)); form != nil && (p.In != "path" || p.Schema.Pattern == "") {
			p.Schema, p.Example = form, nil
		} else if p.Schema != nil {
			p.Schema.Description = "" // the parameter has it
		}
		p.Required = p.In == "path" || p.In == "query" && required(op.OperationID, p.Name)
	}
}
