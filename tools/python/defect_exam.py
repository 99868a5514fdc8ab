"""The validator's exam: how many planted defects `einthoven validate --deep` names, and whom it blames without reason.

    python tools/python/defect_exam.py --tool .build/release/einthoven [LAYOUT ...] [--records N] [--rates RATES]

For each layout a collection is simulated and validated twice, with defects and without, and what is found in the first
beyond the second is compared with `simulation/defects.json`. A defect is found if such a finding, by one of the rules that
the truth expects, names its record or one of its files. For each kind the table tells how many were planted, found and missed, whether it can be told for certain
("certain") or suspected at most ("doubt"), and which rules named its records; kinds that no rule names yet are "no rule".
Then come the records that were blamed, by a warning or an error, though nothing was planted in them, and how many of them
have an artefact of the recording, which is no defect of the collection.

Exit code 1 if the tool fails; the figures are for people to judge. Needs nothing but Python 3.9.
"""

import argparse
import collections
import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# Rules about several records, which are told once.
TOGETHER = ("signal.duplicate", "signal.near-duplicate", "labels.duplicate-conflict", "split.patient-leak", "split.duplicate-leak")
LAYOUTS = ["ptb-xl", "cpsc2018", "cpsc2018-wfdb", "chapman", "chapman-wfdb", "challenge", "code-test", "code-15", "code"]


def run(arguments, accepted=(0,)):
    done = subprocess.run(arguments, capture_output=True, text=True)
    if done.returncode not in accepted:
        sys.exit(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def names(defect):
    """What a finding may call the record of a defect."""
    record = defect["record"]
    found = {record, *defect["files"]}
    exam = re.match(r"(?:.*/)?TNMG(\d+)", record)
    if exam:
        found.add("exam " + exam.group(1))
    return found


def stem(name):
    """A record by its name alone, however a finding has it: `g1/E00001`, `records500/00000/00007_hr.hea`."""
    return Path(name).name.removesuffix(".hea").removesuffix(".mat").removesuffix(".dat").removesuffix(".csv")


class Tree:
    """What was planted and what was found in a collection."""

    def __init__(self, root, tool, layout, arguments):
        def simulate(path, *options):
            run([tool, "simulate", "--layout", layout, "--records", str(arguments.records), "--seed", str(arguments.seed),
                 "--noise", arguments.noise, "--quiet", *options, path])
            return json.loads(run([tool, "validate", path, "--deep", "--json", "--quiet"], (0, 1)).splitlines()[-1])

        def key(finding):
            # Votes of other records are told with numbers.
            return finding["record"], finding["rule"], re.sub(r"\d+", "#", finding["message"])

        self.clean = simulate(root / "clean")["findings"]
        report = simulate(root / "defects", f"--defects={arguments.rates}" if arguments.rates else "--defects")
        known = {key(finding) for finding in self.clean}
        self.records = report["records"]
        self.findings = [finding for finding in report["findings"] if key(finding) not in known]
        self.all_findings = report["findings"]
        truth = root / "defects" / "simulation"
        self.defects = json.loads((truth / "defects.json").read_text())["defects"]
        with open(truth / "records.csv", newline="", encoding="utf-8") as file:
            self.ids = [row["id"] for row in csv.DictReader(file)]
        with open(truth / "artefacts.csv", newline="", encoding="utf-8") as file:
            self.artefacts = {row["id"] for row in csv.DictReader(file)}
        # Several names of one record.
        self.by_name = collections.defaultdict(list)
        for finding in self.findings:
            for name in {finding["record"], stem(finding["record"])}:
                self.by_name[name].append(finding)
            # Findings about several records name the others in their message.
            if finding["rule"] in TOGETHER:
                for name in re.findall(r"[\w.-]+", finding["message"]):
                    self.by_name[name].append(finding)

    def findings_on(self, defect):
        found = [finding for name in names(defect) for finding in self.by_name.get(name, [])]
        if defect["kind"] == "zero-id":
            found += [f for f in self.findings if f["rule"] == "record.placeholder"
                      and f["record"].startswith(f"0 in row {defect['index'] + 1} ")]
        return found

    def judge(self):
        rows = {}
        for defect in self.defects:
            row = rows.setdefault(defect["kind"], {
                "planted": 0, "found": 0, "missed": [], "rules": defect["rules"], "certain": defect["detectable"],
                "named": collections.Counter()})
            found = {finding["rule"] for finding in self.findings_on(defect)}
            row["planted"] += 1
            row["named"].update(found)
            if found & set(defect["rules"]):
                row["found"] += 1
            else:
                row["missed"].append(defect["record"])
        return rows

    def false_alarms(self):
        """How many records have nothing planted; warnings and errors about them by rule; rules that name them all."""
        concerned = {defect["record"] for defect in self.defects}
        concerned |= {defect["other"] for defect in self.defects if defect.get("other")}
        files = {file for defect in self.defects for file in defect["files"]}
        blamable = set().union(*(names(defect) for defect in self.defects))
        clean = {id for id in self.ids if id not in concerned}
        blamed = collections.defaultdict(set)
        for finding in self.all_findings:
            record = finding["record"]
            if finding["severity"] == "note" or record in files or record in blamable:
                continue
            if record in clean or stem(record) in clean:
                blamed[finding["rule"]].add(record)
        # What is said of every record says something of the collection.
        common = {rule for rule, records in blamed.items() if len(records) >= 0.9 * len(clean)}
        return len(clean), {rule: records for rule, records in blamed.items() if rule not in common}, common


def show(layout, tree):
    rows = tree.judge()
    print(f"\n{layout}: {tree.records} records, {len(tree.defects)} defects")
    print(f"  {'kind':24}{'planted':>8}{'found':>7}{'missed':>7}  {'':9} rules that named its records")
    for kind, row in sorted(rows.items()):
        how = "no rule" if not row["rules"] else "certain" if row["certain"] else "doubt"
        named = ", ".join(f"{rule} {count}" for rule, count in row["named"].most_common(4))
        missed = row["planted"] - row["found"]
        print(f"  {kind:24}{row['planted']:8}{row['found']:7}{missed:7}  {how:9} {named}")
    clean, blamed, common = tree.false_alarms()
    records = set().union(*blamed.values()) if blamed else set()
    simulated = {record for record in records if record in tree.artefacts or stem(record) in tree.artefacts}
    print(f"  blamed without a defect: {len(records)} of {clean} records"
          f" ({len(simulated)} of them with an artefact of their own)")
    if common:
        print(f"  said of every record: {', '.join(sorted(common))}")
    for rule, found in sorted(blamed.items()):
        print(f"    {rule:22} {len(found):5}  such as {', '.join(sorted(found)[:3])}")
    return rows, clean, records - simulated


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT", help="layouts to examine; all unless told")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--rates", default="all=0.012", help="rates of the defects; empty for those of real collections")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", default="standard", help="kinds of noise that are simulated, as the tool takes them")
    parser.add_argument("--keep", type=Path, help="a directory to keep the collections in")
    arguments = parser.parse_args()
    sums = collections.defaultdict(lambda: [0, 0, 0])
    clean_sum = blamed_sum = 0
    with tempfile.TemporaryDirectory() as work:
        for layout in arguments.layouts or LAYOUTS:
            tree = Tree((arguments.keep or Path(work)) / layout, arguments.tool, layout, arguments)
            rows, clean, blamed = show(layout, tree)
            clean_sum, blamed_sum = clean_sum + clean, blamed_sum + len(blamed)
            for row in rows.values():
                group = "no rule" if not row["rules"] else "certain" if row["certain"] else "doubt"
                sums[group][0] += row["planted"]
                sums[group][1] += row["found"]
                sums[group][2] += row["planted"] - row["found"]
    print("\nall layouts")
    for group, (planted, found, missed) in sorted(sums.items()):
        print(f"  {group:24}{planted:8}{found:7}{missed:7}")
    print(f"  blamed without a defect or an artefact: {blamed_sum} of {clean_sum} records")


if __name__ == "__main__":
    main()
