//! Start commands: processes and sidecars from launch files, release scripts and Procfiles, merged
//! (builder contract §§10.3, 10.4).

use std::collections::{BTreeMap, HashMap};

/// A process or sidecar, as one source gives it; all texts are bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Process {
    /// Its type, such as `web`; two items of one type replace each other.
    pub kind: Vec<u8>,
    /// The command that starts it.
    pub command: Vec<u8>,
    /// The process types that it accompanies; not empty for a sidecar.
    pub sidecar_for: Vec<Vec<u8>>,
    /// Memory limit in the platform's unit (megabytes); 0 for none. Only sidecars keep it.
    pub memory: i64,
}

impl Process {
    /// A process of this type with this command.
    #[must_use]
    pub fn new(kind: Vec<u8>, command: Vec<u8>) -> Self {
        Self {
            kind,
            command,
            ..Self::default()
        }
    }
}

/// The running list of processes and sidecars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProcessList(Vec<Process>);

impl ProcessList {
    /// Merges the items of one source into the list.
    ///
    /// Each is compared with the list as it was before this source: where the type is there already, every such item
    /// is replaced in place; where it is not, the item is appended.
    pub fn merge(&mut self, source: Vec<Process>) {
        let mut before: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (place, known) in self.0.iter().enumerate() {
            before.entry(known.kind.clone()).or_default().push(place);
        }
        for item in source {
            match before.get(&item.kind) {
                Some(places) => places.iter().for_each(|&place| self.0[place] = item.clone()),
                None => self.0.push(item),
            }
        }
    }

    /// Splits the list into what the result file tells.
    #[must_use]
    pub fn split(self) -> StartCommands {
        let mut commands = StartCommands::default();
        for item in self.0 {
            if item.sidecar_for.is_empty() {
                commands
                    .process_types
                    .insert(item.kind.clone(), item.command.clone());
                commands.processes.push(item);
            } else {
                commands.sidecars.push(item);
            }
        }
        commands
    }
}

/// The start commands of an application.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StartCommands {
    /// The command of each type; of two processes of one type the later one counts.
    pub process_types: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Every process, in order.
    pub processes: Vec<Process>,
    /// Every sidecar, in order.
    pub sidecars: Vec<Process>,
}

impl StartCommands {
    /// The command of the process `web`, unless it is empty.
    #[must_use]
    pub fn web(&self) -> Option<&[u8]> {
        self.process_types
            .get(b"web".as_slice())
            .map(Vec::as_slice)
            .filter(|command| !command.is_empty())
    }
}

#[cfg(test)]
mod tests;
