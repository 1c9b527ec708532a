"""What people read when a file or something of personal data is refused."""

TEXTS: dict[str, tuple[str, str]] = {
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
}
