// The flow that front ends were written to, with relative addresses as in a browser.
const base = process.argv[2];
const browserFetch = globalThis.fetch;
globalThis.fetch = (path, options) => browserFetch(new URL(path, base), options);

const sessionResponse = await fetch('/interview/session', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    job_role: 'Software Engineer',
    style: 'formal',
    difficulty: 'medium',
    target_question_count: 5,
  }),
});
const { session_id } = await sessionResponse.json();

const startResponse = await fetch('/interview/start', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'X-Session-ID': session_id },
  body: JSON.stringify({ job_role: 'Software Engineer' }),
});
const initialMessage = await startResponse.json();

const messageResponse = await fetch('/interview/message', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'X-Session-ID': session_id },
  body: JSON.stringify({ message: 'I have 5 years of experience in React development...' }),
});
const interviewerResponse = await messageResponse.json();

const endResponse = await fetch('/interview/end', {
  method: 'POST',
  headers: { 'X-Session-ID': session_id },
});
const finalResults = await endResponse.json();

const expect = (condition, what) => {
  if (!condition) {
    console.error(what, { initialMessage, interviewerResponse, finalResults });
    process.exit(1);
  }
};
expect(initialMessage.response_type === 'introduction' && initialMessage.content, 'introduction');
expect(interviewerResponse.role === 'assistant' && interviewerResponse.content, 'reply');
expect('results' in finalResults && Array.isArray(finalResults.per_turn_feedback), 'end');
console.log('session completed');
