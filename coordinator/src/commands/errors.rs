//! Errors of a job file as people and programs read them, on stderr; the others are told as every program tells them.

use crate::checks::JobErrors;
use segmenter_proto::Error;
use segmenter_worker::program;
use serde_json::Value;
use std::process::ExitCode;

/// Columns that a drawn error may take.
const WIDTH: usize = 100;

/// Says on stderr what went wrong, for a program if `json`, and gives the exit code.
pub(super) fn report(error: &Error, json: bool) -> ExitCode {
    let text = if json {
        format!("{}\n", program::json_line(&for_programs(error)))
    } else {
        for_people(error, program::colour())
    };
    program::say(error, &text)
}

/// Errors of a job file with the lines they stand in.
fn for_people(error: &Error, colour: bool) -> String {
    job_errors(error).map_or_else(|| program::for_people(error, colour), |errors| errors.render(WIDTH, colour))
}

/// One event like the others on stderr; `job_errors` is null where no job file is at fault.
pub(super) fn for_programs(error: &Error) -> Value {
    let mut event = program::for_programs(error);
    if let Value::Object(fields) = &mut event {
        let errors = job_errors(error).map_or(Value::Null, JobErrors::to_json);
        fields.insert("job_errors".to_owned(), errors);
    }
    event
}

/// The errors of a job file, where they are what went wrong.
fn job_errors(error: &Error) -> Option<&JobErrors> {
    error.source.as_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_no_job_file_is_told_as_every_program_tells_it() {
        let error = Error::dependency("the run's log cannot be written").with_hint("check who may write /lake");
        assert_eq!(for_people(&error, false), program::for_people(&error, false));
        let event = for_programs(&error);
        assert_eq!((&event["message"], &event["job_errors"]), (&Value::from(error.message.clone()), &Value::Null));
    }
}
