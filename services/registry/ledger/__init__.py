"""Ledgers (台账): a whole table of existing projects comes in from one spreadsheet, and every list goes out as one."""
