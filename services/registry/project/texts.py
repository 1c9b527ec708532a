"""What people read when something of a project is refused."""

TEXTS: dict[str, tuple[str, str]] = {
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
    "term_ends_before_it_starts": ("结束日期应晚于开始日期。", "The term must end after it starts."),
    "milestones_share_an_id": ("节点编号有重复。", "Two milestones have the same id."),
    "milestone_outside_the_term": (
        "节点“{milestone}”的日期 {due} 不在实施期限（{starts} 至 {ends}）之内。",
        "The milestone {milestone} of {due} lies outside of the plan's term, {starts} to {ends}.",
    ),
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
}
