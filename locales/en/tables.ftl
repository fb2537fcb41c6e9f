# Documents
tables-page-footer = Page {"{"}page{"}"} of {"{"}pages{"}"}
tables-missing-characters = Note: 〓 stands for characters that the fonts lack ({"{"}codes{"}"}); the spreadsheet has them.
tables-see-annex = (full text on the following pages)
tables-annex-title = Annex: remarks in full
tables-continued = (continued)
tables-photo-count = { "{" }count{ "}" } photos
tables-colon = :{ " " }
tables-separator = ,{ " " }
tables-sheet = { $table } { $period }
tables-file-name = { $area }_{ $tables }_{ $from }_{ $to }

# Card for the phone
tables-phone-title = { $tables } · { $period }
tables-phone-content = Content
tables-phone-unit = Unit
tables-phone-nothing = Nothing to list for this period
tables-phone-note = Only what is not zero; the spreadsheet has the full tables.

# Periods
tables-days = { $from } – { $to }
tables-day = { $day } { $month ->
    [m1] Jan
    [m2] Feb
    [m3] Mar
    [m4] Apr
    [m5] May
    [m6] Jun
    [m7] Jul
    [m8] Aug
    [m9] Sep
    [m10] Oct
    [m11] Nov
   *[m12] Dec
}
tables-period-week = Week { $number }
tables-period-month = { $year }-{ $month }
tables-period-to_date = To date
tables-period-days = Chosen days
tables-title = { $period } ({ $days }) · { $area }
tables-sheet-week = week
tables-sheet-month = month
tables-sheet-to_date = to date
tables-sheet-days = period

# Figures that matter
tables-figure = { $label } <b>{ $value }</b>{ $unit }
tables-figure-note = { $figure } ({ $notes })
tables-unit = { " " }{ $unit }
tables-unit-times = { " " }× { $unit }
tables-so-far = to date { $value }
tables-comma = ,{ " " }
tables-unknown = —
tables-coverage = { $label }: { $targets } (target { $goals })
tables-coverage-target = { $name } <b>{ $percent }</b>
tables-percent = { $value }%
tables-top = { $label }: { $rows }
tables-top-row = { $name } { $value }
tables-unplaced = ⚠️ { $count } more institutions fit no row of the table by type, level and ownership; please check their entries.
tables-missed = { $count ->
    [one] One earlier period ({ $days }) was
   *[other] { $count } earlier periods ({ $days }) were
} not sent in time; see /table.
tables-file-caption = { $tables } · { $days } · { $area }

# Buttons and cards
tables-button-details = Details
tables-button-latest = Latest figures
tables-button-picture = Picture
tables-button-xlsx = xlsx
tables-button-pdf = PDF
tables-button-this_week = This week
tables-button-last_week = Last week
tables-button-this_month = This month
tables-button-to_date = To date
tables-mark = ● { $label }
tables-group = <b>{ $group }</b>
tables-row = { $label } { $value }
tables-row-of = { $label } { $inspected }/{ $registered }
tables-legend = { " " }(inspected/registered)
tables-all-zero = Everything is 0 in this period.
tables-as-of = As of { $at }
tables-none = No campaign is running now.
tables-queued = Being made; it will arrive here in a moment
tables-no-change = Nothing was submitted or corrected since
tables-refreshed = There are newer figures; sending them again
tables-refused = You have no access to the tables. If you need it, please ask your unit's officer for an invitation link.
tables-refused-area = You do not belong to the office of { $area } and cannot see its figures. If you need access, please contact an administrator.
tables-group-unbound = This group is not bound to a unit yet. Please have an organiser or officer send /bind, then send /table again.
tables-details-title = <b>{ $table } · { $period } ({ $days }) · { $area }</b>
tables-details-ask = Tap a row to see the inspections behind it:
tables-details-none = Everything is 0 in this period; there are no records.
tables-records-title = <b>{ $label }</b> { $value } { $unit }
tables-records-count = Records: { $count }
tables-record = { $day } { $name } ({ $code }) · { $kind } { $id } · { $amount }
tables-record-inspection = inspection
tables-back = ‹ Back

# Status
tables-status-title = <b>{ $campaign } · { $area }</b>
tables-status-stage = Stage: { $stage } ({ $days })
tables-status-week = This week ({ $days }): { $submitted } submitted, { $drafts } unfinished
tables-status-goals = Coverage (target { $goals })
tables-status-area = { $area }: { $targets }
tables-status-own = { $area }, own
tables-status-target = { $name } { $inspected }/{ $registered } { $percent }
tables-status-last = Last tables sent: { $at }
tables-status-next = Next tables: { $at }
tables-status-at = { $date }, { $time }
tables-button-status = Status
tables-button-tables = Tables

# Refusals and faults
table-unknown = There is no such table. Please send /table to choose one, or check the table's key.
tables-link-bad = This link is incomplete. Please go back to the group and tap "Details" again.
