-- A module that any worker may require as "lib.answer".
local answer = {}

-- A problem document (RFC 9457).
function answer.problem(status, title)
  return Response.json(
    { status = status, title = title },
    { status = status, headers = { ["content-type"] = "application/problem+json" } }
  )
end

return answer
