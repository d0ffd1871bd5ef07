//! The kinds of schema change, and what each pair of versions makes of them.

use physio_runtime::DriftClass::{self, Additive, BreaksCode, Compatible};

pub(crate) const OLD: &str = "
CREATE TABLE tokens (token varchar(80) NOT NULL PRIMARY KEY);
CREATE TABLE patients (
  patient_id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(40) NOT NULL,
  remarks varchar(40) DEFAULT NULL,
  status enum('new','old') NOT NULL DEFAULT 'new'
);
CREATE TABLE rooms (code varchar(10) NOT NULL PRIMARY KEY, label varchar(40) DEFAULT NULL);
CREATE TABLE visits (
  visit_no int NOT NULL,
  code varchar(10) NOT NULL,
  finding varchar(40) DEFAULT NULL,
  PRIMARY KEY (visit_no)
);
";

/// One kind of change.
pub(crate) struct Case {
    /// What makes the new dump of the old one.
    pub(crate) edits: &'static [(&'static str, &'static str)],
    /// More of the new physio.toml.
    pub(crate) toml: &'static str,
    /// What makes the new database of the old one.
    pub(crate) alter: &'static str,
    pub(crate) old_app_new_server: Met,
    pub(crate) new_app_old_server: Met,
    /// What a person must decide after the old application was updated.
    pub(crate) n_attention: u64,
    /// What of the old application's waiting changes is on the server at the end.
    pub(crate) delivered: &'static [(&'static str, &'static str)],
}

/// What happens when two versions meet.
pub(crate) struct Met {
    pub(crate) class: DriftClass,
    pub(crate) is_pull_paused: bool,
    pub(crate) is_push_paused: bool,
    /// The column that is named first; a table where no column is to blame.
    pub(crate) field: &'static str,
    pub(crate) local_writes: &'static [&'static str],
    pub(crate) server_write: &'static str,
    /// Finds the server's row here, as soon as it is pulled.
    pub(crate) arrived: &'static str,
    /// Changes that wait afterwards.
    pub(crate) n_pending: u64,
}

const EDIT: &str = "UPDATE patients SET name = 'mine' WHERE patient_id = 1";
const THEIRS: &str = "INSERT INTO patients (patient_id, name) VALUES (77, 'theirs')";
const VISIT: &str = "INSERT INTO visits (visit_no, code) VALUES (77, 'theirs')";

fn goes_on(class: DriftClass, field: &'static str) -> Met {
    Met {
        class,
        is_pull_paused: false,
        is_push_paused: false,
        field,
        local_writes: &[EDIT],
        server_write: THEIRS,
        arrived: "patients WHERE patient_id = 77",
        n_pending: 0,
    }
}

fn push_waits(field: &'static str) -> Met {
    Met { is_push_paused: true, n_pending: 1, ..goes_on(BreaksCode, field) }
}

fn all_waits(field: &'static str) -> Met {
    Met { is_pull_paused: true, ..push_waits(field) }
}

fn about_patients(old_app_new_server: Met, new_app_old_server: Met) -> Case {
    Case {
        edits: &[],
        toml: "",
        alter: "",
        old_app_new_server,
        new_app_old_server,
        n_attention: 0,
        delivered: &[("patients", "name = 'mine'")],
    }
}

pub(crate) fn column_added_nullable() -> Case {
    let old = goes_on(Additive, "patients.city");
    let new = Met {
        local_writes: &[EDIT, "UPDATE patients SET city = 'Pune' WHERE patient_id = 2"],
        n_pending: 1,
        ..goes_on(Additive, "patients.city")
    };
    Case {
        edits: &[("  status enum", "  city varchar(20) DEFAULT NULL,\n  status enum")],
        alter: "ALTER TABLE patients ADD COLUMN city varchar(20) DEFAULT NULL AFTER remarks",
        ..about_patients(old, new)
    }
}

pub(crate) fn column_added_required() -> Case {
    let old = Met {
        server_write: "INSERT INTO patients (patient_id, name, city) VALUES (77, 'theirs', 'Agra')",
        ..push_waits("patients.city")
    };
    let new = Met {
        local_writes: &["INSERT INTO patients (name, city) VALUES ('mine', 'Pune')"],
        ..all_waits("patients.city")
    };
    Case {
        edits: &[("  status enum", "  city varchar(20) NOT NULL,\n  status enum")],
        alter: "ALTER TABLE patients ADD COLUMN city varchar(20) NOT NULL AFTER remarks",
        ..about_patients(old, new)
    }
}

pub(crate) fn column_dropped() -> Case {
    let old = Met {
        local_writes: &["UPDATE patients SET name = 'mine', remarks = 'my note' WHERE patient_id = 1"],
        ..push_waits("patients.remarks")
    };
    Case {
        edits: &[("  remarks varchar(40) DEFAULT NULL,\n", "")],
        alter: "ALTER TABLE patients DROP COLUMN remarks",
        // The note is shown: it has no place any more.
        n_attention: 1,
        ..about_patients(old, goes_on(Additive, "patients.remarks"))
    }
}

pub(crate) fn column_renamed() -> Case {
    let old = Met {
        local_writes: &["UPDATE patients SET remarks = 'my note' WHERE patient_id = 1"],
        ..push_waits("patients.remarks")
    };
    let new = Met {
        local_writes: &[EDIT, "UPDATE patients SET notes = 'my note' WHERE patient_id = 2"],
        // No feed of changes tells that ALTER TABLE brought this value to the new column.
        server_write: "INSERT INTO patients (patient_id, name, remarks) VALUES (77, 'theirs', 'their note')",
        n_pending: 1,
        ..goes_on(Additive, "patients.notes")
    };
    Case {
        edits: &[("remarks varchar(40)", "notes varchar(40)")],
        toml: "[tables.patients.columns.notes]\nrenamed_from = \"remarks\"\n",
        alter: "ALTER TABLE patients CHANGE remarks notes varchar(40) DEFAULT NULL",
        delivered: &[("patients", "notes = 'my note'")],
        ..about_patients(old, new)
    }
}

pub(crate) fn column_retyped_wider() -> Case {
    let new = Met {
        local_writes: &[
            "UPDATE patients SET remarks = 'short' WHERE patient_id = 1",
            "UPDATE patients SET remarks = 'longer than forty characters, which the old server refuses' WHERE patient_id = 2",
        ],
        n_pending: 1,
        ..goes_on(Compatible, "patients.remarks")
    };
    Case {
        edits: &[("remarks varchar(40)", "remarks varchar(200)")],
        alter: "ALTER TABLE patients MODIFY remarks varchar(200) DEFAULT NULL",
        ..about_patients(goes_on(Compatible, "patients.remarks"), new)
    }
}

pub(crate) fn column_retyped_incompatibly() -> Case {
    let old = Met {
        local_writes: &["UPDATE patients SET remarks = '12' WHERE patient_id = 1"],
        ..all_waits("patients.remarks")
    };
    let new = Met {
        local_writes: &["UPDATE patients SET remarks = 12 WHERE patient_id = 1"],
        ..all_waits("patients.remarks")
    };
    Case {
        edits: &[("remarks varchar(40)", "remarks int")],
        alter: "ALTER TABLE patients MODIFY remarks int DEFAULT NULL",
        delivered: &[("patients", "remarks = 12")],
        ..about_patients(old, new)
    }
}

pub(crate) fn column_that_may_no_longer_be_null() -> Case {
    Case {
        edits: &[("remarks varchar(40) DEFAULT NULL", "remarks varchar(40) NOT NULL DEFAULT ''")],
        alter: "UPDATE patients SET remarks = '' WHERE remarks IS NULL;
                ALTER TABLE patients MODIFY remarks varchar(40) NOT NULL DEFAULT ''",
        ..about_patients(push_waits("patients.remarks"), all_waits("patients.remarks"))
    }
}

pub(crate) fn column_that_may_be_null_now() -> Case {
    let new = Met {
        local_writes: &[
            "UPDATE patients SET remarks = 'fits' WHERE patient_id = 1",
            "UPDATE patients SET name = NULL WHERE patient_id = 2",
        ],
        n_pending: 1,
        ..goes_on(Compatible, "patients.name")
    };
    Case {
        edits: &[("name varchar(40) NOT NULL", "name varchar(40) DEFAULT NULL")],
        alter: "ALTER TABLE patients MODIFY name varchar(40) DEFAULT NULL",
        ..about_patients(
            Met {
                // What the application has no room for: no reader must meet it.
                server_write: "INSERT INTO patients (patient_id, name) VALUES (77, NULL)",
                ..all_waits("patients.name")
            },
            new,
        )
    }
}

pub(crate) fn enum_member_added() -> Case {
    let old = Met {
        server_write: "INSERT INTO patients (patient_id, name, status) VALUES (77, 'theirs', 'left')",
        arrived: "patients WHERE status = 'left'",
        ..goes_on(Additive, "patients.status")
    };
    let new = Met {
        local_writes: &[
            "UPDATE patients SET status = 'old' WHERE patient_id = 1",
            "UPDATE patients SET status = 'left' WHERE patient_id = 2",
        ],
        n_pending: 1,
        ..goes_on(Additive, "patients.status")
    };
    Case {
        edits: &[("enum('new','old')", "enum('new','old','left')")],
        alter: "ALTER TABLE patients MODIFY status enum('new','old','left') NOT NULL DEFAULT 'new'",
        ..about_patients(old, new)
    }
}

pub(crate) fn enum_member_removed() -> Case {
    let old = Met {
        local_writes: &["UPDATE patients SET status = 'old' WHERE patient_id = 1"],
        ..push_waits("patients.status")
    };
    Case {
        edits: &[("enum('new','old')", "enum('new')")],
        alter: "ALTER TABLE patients MODIFY status enum('new') NOT NULL DEFAULT 'new'",
        n_attention: 1,
        delivered: &[],
        ..about_patients(old, goes_on(Additive, "patients.status"))
    }
}

const BEDS: &str =
    "CREATE TABLE beds (bed_id int NOT NULL AUTO_INCREMENT PRIMARY KEY, place varchar(20) DEFAULT NULL);
";

pub(crate) fn table_added() -> Case {
    let old = Met {
        server_write: "INSERT INTO beds (place) VALUES ('theirs')",
        arrived: "",
        ..goes_on(Additive, "beds")
    };
    let new = Met {
        class: Additive,
        local_writes: &["INSERT INTO beds (place) VALUES ('mine')"],
        arrived: "",
        ..all_waits("beds")
    };
    Case { edits: &[("", BEDS)], alter: BEDS, ..about_patients(old, new) }
}

pub(crate) fn table_dropped() -> Case {
    let old = Met {
        local_writes: &["UPDATE visits SET finding = 'mine' WHERE visit_no = 5"],
        arrived: "",
        ..all_waits("visits")
    };
    let new = Met { server_write: VISIT, arrived: "", ..goes_on(Additive, "visits") };
    Case {
        edits: &[(
            "CREATE TABLE visits (
  visit_no int NOT NULL,
  code varchar(10) NOT NULL,
  finding varchar(40) DEFAULT NULL,
  PRIMARY KEY (visit_no)
);",
            "",
        )],
        alter: "DROP TABLE visits",
        n_attention: 1,
        delivered: &[],
        ..about_patients(old, new)
    }
}

pub(crate) fn key_changed() -> Case {
    let old = Met {
        local_writes: &["UPDATE visits SET finding = 'mine' WHERE visit_no = 5"],
        server_write: VISIT,
        arrived: "visits WHERE visit_no = 77",
        ..all_waits("visits.code")
    };
    let new = Met {
        local_writes: &["INSERT INTO visits (visit_no, code) VALUES (5, 'mine')"],
        server_write: VISIT,
        arrived: "visits WHERE visit_no = 77",
        ..all_waits("visits.visit_no")
    };
    Case {
        edits: &[("PRIMARY KEY (visit_no)", "PRIMARY KEY (visit_no, code)")],
        alter: "ALTER TABLE visits DROP PRIMARY KEY, ADD PRIMARY KEY (visit_no, code)",
        n_attention: 1,
        delivered: &[],
        ..about_patients(old, new)
    }
}

pub(crate) fn table_renamed() -> Case {
    let old = Met {
        local_writes: &["UPDATE visits SET finding = 'mine' WHERE visit_no = 5"],
        server_write: "INSERT INTO checkups (visit_no, code) VALUES (77, 'theirs')",
        arrived: "",
        ..all_waits("visits")
    };
    let new = Met {
        class: Additive,
        local_writes: &["UPDATE checkups SET finding = 'mine' WHERE visit_no = 5"],
        server_write: VISIT,
        arrived: "",
        ..all_waits("checkups")
    };
    Case {
        edits: &[("CREATE TABLE visits", "CREATE TABLE checkups")],
        toml: "[tables.checkups]\nrenamed_from = \"visits\"\n",
        alter: "RENAME TABLE visits TO checkups",
        delivered: &[("checkups", "finding = 'mine'")],
        ..about_patients(old, new)
    }
}
