//! A page of text with commands and their outputs in it.

use std::collections::BTreeMap;

use super::scene::Scene;

/// Where a block of commands begins and ends.
const FENCE: &str = "```console";

/// Shortest run of hex digits that is a name.
const NAME: usize = 12;

pub(crate) struct Page {
    lines: Vec<Line>,
}

enum Line {
    Text(String),
    Command { line: String, output: Vec<String> },
}

impl Page {
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut inside = false;
        for line in text.lines() {
            match (inside, line.strip_prefix("$ ")) {
                (true, Some(command)) => lines.push(Line::Command {
                    line: command.to_owned(),
                    output: Vec::new(),
                }),
                (true, None) if line != "```" => match lines.last_mut() {
                    Some(Line::Command { output, .. }) => output.push(line.to_owned()),
                    _ => panic!("output before a command: {line}"),
                },
                _ => {
                    inside = line == FENCE;
                    lines.push(Line::Text(line.to_owned()));
                }
            }
        }
        Self { lines }
    }

    /// Runs every command, keeps what it printed, and tells where that is not what stood here.
    pub(crate) fn run(&mut self, scene: &Scene) -> Vec<String> {
        let mut names = BTreeMap::new();
        let mut differences = Vec::new();
        for line in &mut self.lines {
            let Line::Command { line, output } = line else {
                continue;
            };
            let command = rename(line, &names);
            let printed = scene.run(&command);
            learn(output, &printed, &mut names);
            if normal(output) != normal(&printed) {
                differences.push(format!(
                    "$ {command}\n--- the manual\n{}\n--- the program\n{}",
                    output.join("\n"),
                    printed.join("\n")
                ));
            }
            *output = printed;
            *line = command;
        }
        differences
    }

    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            match line {
                Line::Text(line) => text.push_str(line),
                Line::Command { line, output } => {
                    text.push_str("$ ");
                    text.push_str(line);
                    for line in output {
                        text.push('\n');
                        text.push_str(line);
                    }
                }
            }
            text.push('\n');
        }
        text
    }
}

/// Runs of hex digits and everything between them.
fn words(line: &str) -> Vec<&str> {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_hex(c) != is_hex(first)).unwrap_or(rest.len());
        let (word, left) = rest.split_at(end);
        words.push(word);
        rest = left;
    }
    words
}

fn is_name(word: &str) -> bool {
    word.len() >= NAME && word.chars().all(|c| c.is_ascii_hexdigit())
}

/// Notes which name of the run stands where the manual has another.
fn learn(shown: &[String], printed: &[String], names: &mut BTreeMap<String, String>) {
    for (shown, printed) in shown.iter().zip(printed) {
        let pairs = words(shown).into_iter().zip(words(printed));
        for (old, new) in pairs.filter(|(old, new)| is_name(old) && is_name(new)) {
            names.insert(old.to_owned(), new.to_owned());
        }
    }
}

fn rename(command: &str, names: &BTreeMap<String, String>) -> String {
    let new = |word| names.get(word).map_or(word, String::as_str);
    words(command).into_iter().map(new).collect()
}

/// Lines without what may differ: names, numbers with their units, the width of columns.
fn normal(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| normal_line(line)).collect()
}

fn normal_line(line: &str) -> String {
    let named: Vec<_> = words(line)
        .into_iter()
        .map(|word| if is_name(word) { "NAME" } else { word })
        .collect();
    let words: Vec<_> = named.concat().split_whitespace().map(numberless).collect();
    words.join(" ")
}

/// `12m5s`, `1.5K`, `2026-11-21T08:00:00Z`, `"bytes":12,` with every number and its unit as `0`.
fn numberless(word: &str) -> String {
    let mut shown = String::new();
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_ascii_digit() {
            shown.push(letter);
            continue;
        }
        let goes_on = |c: &char| c.is_ascii_digit() || ".:-TZKMGBhmsd%".contains(*c);
        while letters.next_if(goes_on).is_some() {}
        shown.push('0');
    }
    shown
}
