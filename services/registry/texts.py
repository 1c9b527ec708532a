"""What people read when the registry refuses: every code in Chinese and in English."""

from services.registry.ledger.texts import TEXTS as OF_LEDGERS

TEXTS: dict[str, tuple[str, str]] = {
    **OF_LEDGERS,
    # Units, persons, calendar, days
    "not_a_unit_code": ("{id} 不是单位编码。", "{id} is no unit code."),
    "unit_exists": ("单位 {unit} 已登记。", "The unit {unit} is registered already."),
    "kind_not_of_the_code": (
        "单位类别与编码 {unit} 不符。",
        "The kind of the unit is not the one that its code {unit} says.",
    ),
    "no_such_parent": ("上级单位 {parent} 尚未登记。", "The parent unit {parent} is not registered."),
    "parent_unfit": ("这类单位不能设在该上级之下。", "A unit of this kind cannot lie below that parent."),
    "change_in_the_future": (
        "这一天还没有到：只登记今天或以前生效的变更。",
        "That day has not come: a change is told on its first day or later.",
    ),
    "before_the_last_change": (
        "早于该单位上一次变更（{last}）。",
        "That is before the unit's last change ({last}).",
    ),
    "unit_has_ended": ("单位 {unit} 已于 {day} 撤销。", "The unit {unit} has ended on {day}."),
    "unit_not_there_yet": (
        "单位 {unit} 自 {day} 起才设立。",
        "The unit {unit} is there from {day} on.",
    ),
    "below_itself": (
        "单位不能归到自己或自己的下级之下。",
        "A unit cannot lie below itself or below what lies below it.",
    ),
    "another_rank": (
        "单位 {unit} 的层级不符。",
        "The unit {unit} is of another rank.",
    ),
    "units_named_twice": ("有单位重复列出。", "A unit is named twice."),
    "heir_not_among_them": (
        "承接单位应是拆分后的单位之一。",
        "The heir is one of the units that it is split into.",
    ),
    "no_heir": ("没有可以承接的上级单位，请指明。", "There is no unit above it: name an heir."),
    "no_such_place": ("没有这一页，请从第一页看起。", "There is no such place in this list: begin with the first."),
    "no_such_person": ("没有编号为 {id} 的人员。", "There is no person with the id {id}."),
    "hands_over_to_oneself": ("不能移交给自己。", "Nobody hands over to him- or herself."),
    "not_a_person_id": (
        "人员编号 {id} 不合要求：只用小写字母、数字和连字符。",
        "{id} is no person id: small letters, digits and hyphens.",
    ),
    "person_exists": ("人员 {person} 已登记。", "The person {person} is registered already."),
    "role_unfit": ("这一级单位不设该职责。", "This role is not held at a unit of this rank."),
    "already_appointed": (
        "该人员当时已担任这一职务。",
        "The person holds this role at this unit at that time already.",
    ),
    "not_appointed": ("该人员没有担任这一职务。", "The person does not hold this role at this unit."),
    "ends_before_it_began": (
        "任职结束日期早于开始日期（{since}）。",
        "The appointment would end before it began ({since}).",
    ),
    "not_a_year": ("{id} 不是年份。", "{id} is no year."),
    "day_of_another_year": ("有日期不在 {year}年。", "A day does not lie in {year}."),
    "holiday_on_a_weekend": (
        "放假日只列周一至周五的日期。",
        "Holidays are weekdays that are off; a weekend day needs no mention.",
    ),
    "workday_on_a_weekday": ("调休上班日只列周六、周日。", "Workdays are weekend days that are worked."),
    "no_scenario_time": ("当前没有使用推演时间。", "Days are begun by hand in scenario time alone."),
    "day_already_began": (
        "这一天之后的日期（{last}）已经开始。",
        "A later day ({last}) has begun already.",
    ),
    "day_too_far": ("距上一个开始的日期（{last}）超过 366 天。", "More than 366 days after the last day ({last})."),
    # Proposal and review
    "unit_of_another_county": (
        "单位 {unit} 不在县（市、区）{county}。",
        "The unit {unit} does not lie in the county {county}.",
    ),
    "secretary_not_appointed": (
        "所填书记今天没有担任该单位的书记。",
        "The person named is not the secretary of the owner today.",
    ),
    "year_not_open": (
        "{year}年的项目现在不能申报：可报当年，11月起可报次年。",
        "Projects of {year} cannot be proposed now: this year's, and from November on the next year's.",
    ),
    "no_plan_awaited": (
        "项目现在不能提交方案。",
        "No plan is awaited: it is under review, or it has been decided on.",
    ),
    "term_ends_before_it_starts": ("完成日期应晚于开始日期。", "The term must end after it starts."),
    "milestones_share_an_id": ("节点编号有重复。", "Two milestones have the same id."),
    "milestone_outside_the_term": ("有节点的日期不在实施期限之内。", "A milestone lies outside of the plan's term."),
    "weights_not_100": ("节点权重之和应为 100，现为 {total}。", "The milestones' weights sum to {total}, not to 100."),
    "another_secretary": (
        "“四个一”中的书记应为申报的书记。",
        "The secretary of the four ones must be the project's.",
    ),
    "team_too_large": (
        "一支队伍最多 {most} 人，现为 {found} 人。",
        "A team has at most {most} members, and these are {found}.",
    ),
    "not_under_review": ("方案没有处在评审中。", "The plan is not under review."),
    "no_such_opinion": ("没有编号为 {opinion} 的意见。", "There is no opinion {opinion}."),
    "opinion_already_answered": ("这条意见已经答复。", "The opinion has been answered already."),
    "opinion_exists": ("编号为 {opinion} 的意见已存在。", "There is an opinion {opinion} already."),
    "opinions_open": (
        "要求修改的意见还没有全部答复：{opinions}。",
        "Opinions that ask for a change are not answered: {opinions}.",
    ),
    "checks_own_work": (
        "您办理过或代办过该项目，不能再审核、检查、验收。",
        "You have acted for the project's owner and cannot check the same project.",
    ),
    "before_the_last_step": (
        "生效日期不能早于上一步的日期（{last}）。",
        "The fact would hold for a day before the step that it follows ({last}).",
    ),
    # Carrying out
    "not_approved": ("项目没有处在已立项、待启动的阶段。", "The project is not approved and waiting for its start."),
    "not_being_carried_out": ("项目没有处在实施阶段。", "The project is not being carried out."),
    "before_the_start": ("早于项目启动的时间。", "It lies before the start of the project."),
    "in_the_future": ("不能晚于今天。", "It lies in the future."),
    "month_already_reported": (
        "{month} 的进度已报；如有误，请作更正。",
        "{month} has been reported already; correct that report instead.",
    ),
    "percent_falls": (
        "进度与 {month} 的不衔接：只有更正才能使进度降低。",
        "The percent would fall, held against {month}: only a correction lowers it.",
    ),
    "month_not_reported": ("{month} 的进度待报，无从更正。", "{month} has not been reported."),
    "nothing_to_correct": ("与原值相同，无需更正。", "The value is the same as before."),
    "no_such_milestone": ("方案中没有编号为 {milestone} 的节点。", "The plan has no milestone {milestone}."),
    "milestone_already_reached": ("这个节点已经完成。", "The milestone has been reached already."),
    "milestone_not_reached": (
        "节点 {milestone} 还没有完成，无从更正。",
        "The milestone {milestone} has not been reached.",
    ),
    # Extensions
    "extension_exists": ("编号为 {extension} 的延期申请已存在。", "There is an extension {extension} already."),
    "no_such_extension": ("没有编号为 {extension} 的延期申请。", "There is no extension {extension}."),
    "extended_once": (
        "同一节点或问题只能延期一次，已有申请或已获批准。",
        "A milestone or problem is extended once: an extension of it is asked for or granted already.",
    ),
    "extension_too_late": (
        "延期应在到期日（{due}）之前申请。",
        "An extension is asked for before the due day ({due}).",
    ),
    "extension_out_of_bounds": (
        "延期后的日期应晚于 {due}，最迟为 {last}。",
        "The new day must lie after {due} and not after {last}.",
    ),
    "extension_not_requested": (
        "这项延期不在等待初审。",
        "The extension does not wait for its first step.",
    ),
    "extension_not_endorsed": (
        "这项延期还没有通过初审，或者已经办结。",
        "The extension does not wait for its second step.",
    ),
    "extension_decided": ("这项延期已经办结。", "The extension has been decided already."),
    "extension_overtaken": (
        "申请之后期限另有变动（现为 {due}），这项延期只能退回。",
        "Another day ({due}) has been set since it was asked for: the extension can only be refused.",
    ),
    "decided_by_reviewers": (
        "这一步由县（市、区）审核人员办理。",
        "This step is decided by a reviewer of the county.",
    ),
    "decided_by_the_township": (
        "这一步由项目所在乡镇（{unit}）的书记或其党政办办理。",
        "This step is decided by the secretary of the township {unit}, or its office.",
    ),
    "township_secretary_not_named": (
        "代办时应填写乡镇（{unit}）现任书记。",
        "Who acts for the secretary of the township {unit} must name him or her.",
    ),
    "decides_twice": (
        "两步应由两人分别办理，您已办理第一步。",
        "The two steps are decided by two persons, and you have decided the first.",
    ),
    # Inspections and problems
    "campaign_exists": ("编号为 {campaign} 的检查已存在。", "There is a campaign {campaign} already."),
    "not_a_campaign_id": (
        "检查编号 {id} 不合要求：县（市、区）编码、连字符，再加小写字母、数字、连字符和下划线。",
        "{id} is no campaign's id: the county's code, a hyphen, then small letters, digits, hyphens and underscores.",
    ),
    "not_the_campaigns_id": (
        "检查编号应以“{county}-”开头。",
        "The id of a campaign of this county begins with {county}-.",
    ),
    "groups_share_an_id": ("组的编号有重复。", "Two groups have the same id."),
    "no_such_campaign": ("没有这次检查。", "There is no such campaign."),
    "campaign_of_another_county": (
        "这次检查不是该县（市、区）的。",
        "The campaign is that of another county.",
    ),
    "no_such_group": ("这次检查没有编号为 {group} 的组。", "The campaign has no group {group}."),
    "not_of_the_group": ("您不是这个组的成员。", "You are not a member of this group."),
    "inspects_own_unit": ("您在该单位任职，不能检查本单位。", "You hold a post at this unit and cannot inspect it."),
    "inspection_exists": ("编号为 {inspection} 的检查记录已存在。", "There is an inspection {inspection} already."),
    "no_such_inspection": ("项目没有编号为 {inspection} 的检查记录。", "The project has no inspection {inspection}."),
    "problem_exists": ("编号为 {problem} 的问题已存在。", "There is a problem {problem} already."),
    "no_such_problem": ("项目没有编号为 {problem} 的问题。", "The project has no problem {problem}."),
    "deadline_in_the_past": ("整改期限不能早于今天。", "The deadline lies in the past."),
    "problem_not_to_be_rectified": ("这个问题不在待整改状态。", "The problem does not wait for a rectification."),
    "problem_not_rectified": ("这个问题还没有报告整改。", "No rectification of the problem waits to be verified."),
    # Acceptance, public notice, closing
    "milestones_open": ("还有节点没有完成：{milestones}。", "Milestones are not reached yet: {milestones}."),
    "problems_open": ("还有问题没有核验销号：{problems}。", "Problems are open: {problems}."),
    "acceptance_not_requested": ("项目没有申请验收。", "Acceptance has not been requested."),
    "not_accepted": ("项目没有处在已验收、待公示的阶段。", "The project is not accepted and waiting for its notice."),
    "calendar_not_published": (
        "{year}年的工作日历还没有发布，公示期无法计算。",
        "The calendar of {year} is not published, so that the notice's days cannot be counted.",
    ),
    "not_announced": ("项目没有处在公示阶段。", "The project is not under public notice."),
    "objection_exists": ("编号为 {objection} 的异议已存在。", "There is an objection {objection} already."),
    "no_such_objection": ("没有编号为 {objection} 的异议。", "There is no objection {objection}."),
    "objection_already_settled": ("这条异议已经办结。", "The objection has been settled already."),
    "announced_today_alone": (
        "公示从发布当天算起，不能填以前的日期。",
        "A notice is announced today: its days cannot have begun before.",
    ),
    "notice_still_running": (
        "公示到 {ends} 为止，次日起才能销号。",
        "The notice runs to {ends}; the project can be closed from the day after.",
    ),
    "objections_open": ("还有异议没有办结：{objections}。", "Objections are not settled: {objections}."),
    # Turns of a project's life
    "already_decided": (
        "项目已经作出决定，不能撤回。",
        "The project has been decided on and cannot be withdrawn.",
    ),
    "ended": ("项目已经办结。", "The project has ended."),
    "already_responsible": ("该同志已是项目的责任书记。", "This person is responsible for the project already."),
    "not_to_be_terminated": (
        "只有已立项、尚未公示的项目才能终止。",
        "Only a project that is approved and not announced yet is terminated.",
    ),
    "not_closed": ("项目没有销号，无从重新启动。", "The project is not closed and cannot be reopened."),
    "not_unfinished": (
        "只有已立项、尚未通过验收的项目才能结转。",
        "Only a project that is approved and not accepted yet is carried over.",
    ),
    "not_a_later_year": ("应结转到 {year}年之后。", "It must be carried over into a year after {year}."),
    "no_such_project": ("没有编号为 {id} 的项目。", "There is no project {id}."),
    "not_your_desk": ("您没有在这里办理的职责。", "You hold no role that works at this desk."),
    "brand_exists": (
        "单位 {unit} 的品牌“{name}”已经认定，不再认定第二次。",
        "The brand “{name}” of the unit {unit} has been recognised already.",
    ),
    "project_of_another_unit": (
        "该项目不是单位 {unit} 或其下级的。",
        "The project is neither that of the unit {unit} nor of one below it.",
    ),
    # What units are asked for
    "not_a_request_year": (
        "编号 {id} 不合要求：县（市、区）编码、连字符、年份。",
        "{id} is no county's year: the county's code, a hyphen, the year.",
    ),
    "not_this_years_requests": (
        "数据需求登记在本县（市、区）{year}年之下。",
        "A request is registered under the county's own code and the year {year}.",
    ),
    "request_exists": ("编号为 {request} 的数据需求已存在。", "There is a request {request} already."),
    "items_share_an_id": ("事项编号有重复。", "Two items have the same id."),
    "held_already": (
        "“{item}”系统已有，不再向下索要：见{where}。",
        "“{item}” is held already and not asked for again: see {where}.",
    ),
    "asked_already": (
        "“{item}”已在“{request}”中向同一单位要过，不再重复索要。",
        "“{item}” was asked of the same unit in “{request}” and is not asked for again.",
    ),
    "no_such_request": ("没有这项数据需求，或已撤回。", "There is no such request, or it was withdrawn."),
    "not_asked_of_the_unit": ("这项数据需求没有发给单位 {unit}。", "The request was not put to the unit {unit}."),
    "not_every_item": (
        "请对每个数据项各答一次；没有的填“不适用”。",
        "Each item is answered once; what a unit does not have is answered by null.",
    ),
    # Files, personal data
    "media_type_refused": (
        "这类文件不收（{found}）：可收 PDF、JPEG、PNG、docx、xlsx，按内容判断，与文件名无关。",
        "Such a file is not taken ({found}): PDF, JPEG, PNG, docx and xlsx are, by their content, not by their name.",
    ),
    "file_has_macros": (
        "文件带有宏，不收；请另存为不带宏的 docx 或 xlsx。",
        "The file has macros: save it without, as docx or xlsx.",
    ),
    "file_has_a_program": (
        "文件里嵌有程序（{part}），不收；请去掉后再传。",
        "The file has a program in it ({part}): take it out first.",
    ),
    "file_damaged": ("文件已损坏，读不出来。", "The file is damaged and cannot be read."),
    "empty_file": ("文件是空的。", "The file is empty."),
    "project_is_over": ("项目已经结束。", "The project is over."),
    "no_such_file": ("没有收到这个文件，或已删除。", "No such file is kept, or it was erased."),
    "attached_already": ("这个文件已经附上。", "The file has been added already."),
    "too_many_attachments": ("一个项目最多附 {most} 个文件。", "A project has {most} files at most."),
    "attached_to_nothing": (
        "附件所指的月份、节点或问题“{ref}”不存在。",
        "There is no such month, milestone or problem for the file: “{ref}”.",
    ),
    "no_such_attachment": ("项目没有这个附件。", "The project has no such file."),
    "attachment_erased": ("这个附件的内容已经删除。", "The content of the file was erased."),
    "nothing_kept": ("没有保存这一项。", "Nothing is kept of this field."),
    "too_many_files": ("一天最多传 {most} 个文件。", "{most} files may be sent in a day."),
    "purpose_missing": (
        "涉及个人信息，请写明用途；查看会留下记录。",
        "It tells of persons: say what for. The reading is written down.",
    ),
    # Visits and difficulties
    "no_such_visit": ("没有编号为 {id} 的现场办公。", "There is no visit {id}."),
    "not_a_leader_there": (
        "所填领导当天不是单位 {unit} 或其上级的领导或书记。",
        "The person named was on that day no leader or secretary of the unit {unit} or of one above it.",
    ),
    "before_the_visit": ("不能早于现场办公当天（{on}）。", "It lies before the day of the visit ({on})."),
    "suggestion_exists": ("编号为 {suggestion} 的建议已存在。", "There is a suggestion {suggestion} already."),
    "difficulty_exists": ("编号为 {difficulty} 的难点已存在。", "There is a difficulty {difficulty} already."),
    "no_such_difficulty": ("没有编号为 {difficulty} 的难点。", "There is no difficulty {difficulty}."),
    "difficulty_already_solved": (
        "这个难点（{difficulty}）已经解决。",
        "The difficulty {difficulty} is solved already.",
    ),
    # Mutual checks and the calendar of the year
    "mutual_checks_drawn": ("{quarter} 的互查已经抽签。", "The mutual checks of {quarter} have been drawn already."),
    "quarter_not_begun": ("{quarter} 还没有开始。", "The quarter {quarter} has not begun."),
    "too_few_townships": (
        "{county} 的乡镇不足两个，无法互查。",
        "The county {county} has fewer than two townships, so that none can check another.",
    ),
    "not_in_the_lot": ("{unit} 没有参加这次抽签。", "The unit {unit} was not in the lot."),
    "mutual_check_held": ("{unit} 的互查已经登记。", "The check by {unit} has been recorded already."),
    "before_the_quarter": ("早于 {quarter} 的开始。", "It lies before the quarter {quarter}."),
    "mutual_check_not_held": ("{unit} 的互查还没有登记。", "The check by {unit} has not been recorded."),
    "not_of_the_checked_township": (
        "项目不在 {unit} 抽到的乡镇。",
        "The project does not lie in the township that {unit} has drawn.",
    ),
    "no_such_mutual": ("{id} 没有抽签。", "No mutual checks {id} have been drawn."),
    "no_such_rhythm": ("没有编号为 {id} 的工作日历。", "There is no calendar {id}."),
    "held_item_lost": ("已办的事项不能去掉：{items}。", "What was held must stay in the calendar: {items}."),
    "no_such_item": ("日历中没有编号为 {item} 的事项。", "The calendar has no item {item}."),
    "item_already_held": ("事项 {item} 已经登记。", "The item {item} has been recorded already."),
    # Cases, honours, labels, metrics
    "no_such_case": ("没有编号为 {id} 的案例。", "There is no case {id}."),
    "case_exists": (
        "单位 {unit} 的案例“{title}”已经入选。",
        "The case “{title}” of the unit {unit} has been selected already.",
    ),
    "case_already_published": ("该案例已在这个专栏刊发。", "The case has been published in this column already."),
    "honour_exists": (
        "单位 {unit} 当天的荣誉“{title}”已经登记。",
        "The honour “{title}” of the unit {unit} on that day has been recorded already.",
    ),
    "label_exists": (
        "单位 {unit} 的称号“{label}”已经登记。",
        "The label “{label}” of the unit {unit} has been recorded already.",
    ),
    "no_catalogue_there": (
        "指标由省、市、县（市、区）设立，不能设在 {unit}。",
        "Metrics are defined at a province, city or county, not at {unit}.",
    ),
    "metric_exists": ("指标 {metric} 已由 {unit} 设立。", "The metric {metric} is defined at {unit} already."),
    "metric_measured_otherwise": (
        "指标 {metric} 已由下级 {unit} 以另一计量单位设立。",
        "The metric {metric} is defined below, at {unit}, in another measure.",
    ),
    "unit_in_no_county": ("单位 {unit} 不在任何县（市、区）。", "The unit {unit} lies in no county."),
    "no_such_metric": ("没有名为 {metric} 的指标。", "There is no metric {metric}."),
    "metric_already_recorded": (
        "{day} 的数值已经登记；如有误，请作更正。",
        "The value of {day} has been recorded already; correct it instead.",
    ),
    "metric_not_recorded": ("没有 {day} 的数值，无从更正。", "No value of {day} has been recorded."),
}
