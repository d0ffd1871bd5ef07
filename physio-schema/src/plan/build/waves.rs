//! Which table belongs to which wave.

use super::Errors;
use super::keys::has_usable_key;
use crate::config::Config;
use crate::model::Schema;
use crate::plan::Wave;
use crate::suggest::did_you_mean;
use std::collections::BTreeSet;

pub(super) fn resolve(schema: &Schema, config: &Config, errors: &mut Errors<'_>) -> Vec<Wave> {
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut waves = Vec::new();
    let mut rest_given_to = None;
    for (index, wave) in config.waves.iter().enumerate() {
        let mut tables = Vec::new();
        for (at, name) in wave.tables.iter().enumerate() {
            let path = format!("waves[{index}].tables[{at}]");
            if name == "*" {
                if rest_given_to.replace((index, tables.len())).is_some() {
                    errors.refuse(&path, "`*` stands in two places".into(), "keep one of them");
                }
            } else if schema.table(name).is_none() {
                let known = schema.tables.iter().map(|table| table.name.as_str());
                let message = format!("the dump has no table `{name}`{}", did_you_mean(name, known));
                errors.refuse(&path, message, "correct the name or take it out of the wave");
            } else if *name == config.server.tokens.table {
                let message = format!("`{name}` holds the tokens; it is never synced");
                errors.refuse(&path, message, "take it out of the wave");
            } else if config.access.never.contains(name) {
                errors.refuse(&path, format!("[access] never names `{name}`"), "take it out of the wave");
            } else if !taken.insert(name) {
                errors.refuse(&path, format!("`{name}` is in two waves"), "keep one of them");
            } else {
                tables.push(name.clone());
            }
        }
        waves.push(Wave { name: wave.name.clone(), tables });
    }
    if let Some((index, at)) = rest_given_to {
        let rest = schema.tables.iter().filter(|table| {
            !taken.contains(table.name.as_str())
                && table.name != config.server.tokens.table
                && !config.access.never.contains(&table.name)
                && has_usable_key(table, config.tables.get(&table.name))
        });
        let names: Vec<String> = rest.map(|table| table.name.clone()).collect();
        waves[index].tables.splice(at..at, names);
    }
    waves
}
