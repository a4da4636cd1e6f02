-- lua annotations.lua TYPES POLICY: reads the annotations of TYPES by the grammar of the Lua language
-- server (its script/parser/luadoc.lua: names, units, unions, words that say who may see a field),
-- runs the policy's files with stand-ins for what the binding gives, and holds every table that they
-- hand over against its type. Prints what does not fit, a line each.

local types_path, policy = arg[1], arg[2]
local classes, aliases, functions, problems = {}, {}, {}, 0

local function problem(...)
  problems = problems + 1
  print(string.format(...))
end

-- ---- annotations ------------------------------------------------------------------------------

local union -- of text at a place: the type, and the place behind it

local function blank(text, at) return text:match("^[ \t]*()", at) end

local function expect(text, at, symbol)
  at = blank(text, at)
  if text:sub(at, at + #symbol - 1) ~= symbol then
    error(("'%s' is expected at '%s'"):format(symbol, text:sub(at, at + 30)), 0)
  end
  return at + #symbol
end

local NAME = "^([%w_\x80-\xff][%w_.*\x80-\xff-]*)()"

local function fields(text, at)
  local type = { kind = "table", fields = {} }
  repeat
    local key, optional
    at = blank(text, at)
    if text:sub(at, at) == "[" then
      key, at = union(text, at + 1)
      at = expect(text, at, "]")
    else
      local name, behind = text:match(NAME, at)
      key, at = { kind = "literal", value = name }, behind
    end
    if text:sub(at, at) == "?" then optional, at = true, at + 1 end
    at = expect(text, at, ":")
    local value
    value, at = union(text, at)
    type.fields[#type.fields + 1] = { key = key, type = value, optional = optional }
    at = blank(text, at)
    local more = text:sub(at, at) == ","
    if more then at = at + 1 end
  until not more
  return type, expect(text, at, "}")
end

local function arguments(text, at)
  at = expect(text, at, "(")
  local type = { kind = "fun", args = {} }
  at = blank(text, at)
  while text:sub(at, at) ~= ")" do
    local name, behind = text:match(NAME, at)
    local value
    value, at = union(text, expect(text, behind, ":"))
    type.args[#type.args + 1] = { name = name, type = value }
    at = blank(text, at)
    if text:sub(at, at) == "," then at = blank(text, at + 1) end
  end
  at = blank(text, at + 1)
  if text:sub(at, at) == ":" then type.returns, at = union(text, at + 1) end
  return type, at
end

local function unit(text, at)
  at = blank(text, at)
  local first = text:sub(at, at)
  local type
  if first == '"' then
    local behind, value = at + 1, ""
    while text:sub(behind, behind) ~= '"' do
      if text:sub(behind, behind) == "\\" then behind = behind + 1 end
      value, behind = value .. text:sub(behind, behind), behind + 1
      if behind > #text then error("a text without an end", 0) end
    end
    type, at = { kind = "literal", value = value }, behind + 1
  elseif first == "{" then
    type, at = fields(text, at + 1)
  elseif first == "(" then
    type, at = union(text, at + 1)
    at = expect(text, at, ")")
  else
    local name, behind = text:match(NAME, at)
    if not name then error(("a type is expected at '%s'"):format(text:sub(at, at + 30)), 0) end
    at = behind
    if name == "fun" then
      type, at = arguments(text, at)
    elseif name == "true" or name == "false" then
      type = { kind = "literal", value = name == "true" }
    elseif math.tointeger(name) then
      type = { kind = "literal", value = math.tointeger(name) }
    else
      type = { kind = "name", name = name, of = {} }
      if text:sub(at, at) == "<" then
        repeat
          local one
          one, at = union(text, at + 1)
          type.of[#type.of + 1] = one
          at = blank(text, at)
        until text:sub(at, at) ~= ","
        at = expect(text, at, ">")
      end
    end
  end
  while text:sub(at, at + 1) == "[]" do type, at = { kind = "array", of = type }, at + 2 end
  return type, at
end

function union(text, at)
  local all = { kind = "union" }
  while true do
    all[#all + 1], at = unit(text, at)
    local next_at = blank(text, at)
    if text:sub(next_at, next_at) ~= "|" then break end
    at = next_at + 1
  end
  if text:sub(at, at) == "?" then all.optional, at = true, at + 1 end
  return all, at
end

local SEEN = { public = true, protected = true, private = true, package = true }

local function field(text)
  local at, word = 1, text:match("^(%a+)")
  if SEEN[word] then at = blank(text, #word + 1) end -- who may see it, whatever was meant
  local key
  if text:sub(at, at) == "[" then
    key, at = union(text, at + 1)
    at = expect(text, at, "]")
  else
    local name, behind = text:match(NAME, at)
    if not name then error("a field without a name: " .. text, 0) end
    key, at = { kind = "union", { kind = "literal", value = name } }, behind
  end
  local optional = text:sub(at, at) == "?"
  local type = union(text, optional and at + 1 or at)
  return { key = key, type = type, optional = optional }
end

local function read_types(path)
  local class, open = nil, {}
  for line in io.lines(path) do
    local tag, text = line:match("^%-%-%-@(%a+)%s*(.*)$")
    local name = text and text:match(NAME)
    if tag == "class" then
      if classes[name] then problem("%s is declared twice", name) end
      class = { name = name, fields = {} }
      classes[name] = class
    elseif tag == "alias" then
      aliases[name] = union(text, #name + 1)
    elseif tag == "field" then
      class.fields[#class.fields + 1] = field(text)
    elseif tag == "param" then
      name = name or text:match("^%.%.%.")
      open.param = open.param or union(text, #name + 1)
    elseif tag == "overload" then
      open.overload = unit(text, 1)
    elseif tag == "return" then
      open.returns = union(text, 1)
    elseif not tag and not line:find("^%-%-%-") then
      local defined = line:match("^function ([%w_.:]+)%(")
      if defined then functions[defined] = open end
      class, open = nil, {}
    end
  end
end

-- ---- values ---------------------------------------------------------------------------------

local fits

local function lookup(list, key, skip)
  for _, one in ipairs(list) do
    if fits(key, one.key, skip) then return one end
  end
end

local function table_fits(value, list, say)
  local ok = true
  for key, inner in pairs(value) do
    local one = lookup(list, key)
    if not one then
      ok = say and say("%s is not typed", tostring(key)) or false
    elseif not fits(inner, one.type, say and function(...)
      return say("%s: " .. (...), tostring(key), select(2, ...))
    end) then
      ok = false
    end
  end
  for _, one in ipairs(list) do
    local key = one.key.value or (#one.key == 1 and one.key[1].value)
    if key and not one.optional and not one.type.optional and value[key] == nil then
      ok = say and say("%s is missing", tostring(key)) or false
    end
  end
  return ok
end

local BASIC = { string = "string", boolean = "boolean", number = "number", table = "table", ["nil"] = "nil" }

-- `say` tells what is wrong and is false; without it nothing is told.
function fits(value, type_, say)
  local kind = type_.kind
  if kind == "union" then
    if value == nil and type_.optional then return true end
    for _, one in ipairs(type_) do
      if fits(value, one) then return true end
    end
    for _, one in ipairs(type_) do -- the table's own complaints say more
      local table_like = one.kind == "table" or classes[one.name or ""]
      if say and type(value) == "table" and table_like then return fits(value, one, say) end
    end
    return say and say("%s does not fit", tostring(value)) or false
  elseif kind == "literal" then
    return value == type_.value
  elseif kind == "array" then
    if type(value) ~= "table" then return false end
    for key, inner in pairs(value) do
      if math.type(key) ~= "integer" or not fits(inner, type_.of) then return false end
    end
    return true
  elseif kind == "table" then
    return type(value) == "table" and table_fits(value, type_.fields, say)
  elseif kind == "fun" then
    return type(value) == "function"
  end
  local name = type_.name
  if name == "any" then return true end
  if name == "integer" then return math.type(value) == "integer" end
  if name == "table" and #type_.of == 2 then
    return type(value) == "table" and
           table_fits(value, { { key = type_.of[1], type = type_.of[2], optional = true } }, say)
  end
  if BASIC[name] then return type(value) == BASIC[name] end
  if aliases[name] then return fits(value, aliases[name], say) end
  local class = classes[name] or error("there is no type " .. name, 0)
  if type(value) ~= "table" then return false end
  if #class.fields == 0 then return getmetatable(value) == class end
  return table_fits(value, class.fields, say)
end

local readable, message = pcall(read_types, types_path)
if not readable then
  print(types_path .. ": " .. message)
  os.exit(false)
end

-- ---- stand-ins ------------------------------------------------------------------------------

local function at_line()
  for level = 2, 20 do
    local info = debug.getinfo(level, "Sl")
    if info and info.source:sub(1, #policy + 1) == "@" .. policy then
      return info.short_src:match("([^/]+/[^/]+)$") .. ":" .. info.currentline
    end
  end
  return "?"
end

local function hold(what, value, type_)
  local where = at_line()
  local told = false
  local ok = fits(value, type_, function(...)
    problem("%s: %s: " .. (...), where, what, select(2, ...))
    told = true
    return false
  end)
  if not ok and not told then problem("%s: %s does not fit", where, what) end
end

local checked = 0
local env = setmetatable({}, { __index = _G })

for name, typed in pairs(functions) do
  if not name:find("[.:]") then
    env[name] = function(value)
      checked = checked + 1
      if typed.param and not (typed.overload and fits(value, typed.overload.args[1].type)) then
        hold(name, value, typed.overload and type(value) == "table" and typed.overload.args[1].type or
                          typed.param)
      elseif not typed.param and value ~= nil then
        problem("%s: %s takes nothing", at_line(), name)
      end
      return setmetatable({}, classes["sori.Intention"])
    end
  end
end

local Policy = {}
for name, typed in pairs(functions) do
  local method = name:match("^Policy:(.*)")
  if method then
    Policy[method] = function(_, value)
      checked = checked + 1
      hold(method, value, typed.param)
      local inner = typed.returns and typed.returns[1]
      return inner and function(body)
        checked = checked + 1
        hold(method .. " " .. value, body, inner.args[1].type)
      end
    end
  end
end

env.sori = {
  text = {},
  policy = function() return setmetatable({}, { __index = Policy }) end,
  guide = function(value) checked = checked + 1 hold("guide", value, functions["sori.guide"].param) end,
}
local loaded = {}
local function run(name)
  if loaded[name] == nil then
    local path = policy .. "/" .. name .. ".lua"
    loaded[name] = assert(loadfile(path, "t", env))() or true
  end
  return loaded[name]
end
env.require = function(name) return run((name:gsub("%.", "/"))) end

for _, name in ipairs(run("init")) do run(name) end
for i = 3, #arg do run(arg[i]) end
print(problems == 0 and checked .. " values fit" or problems .. " do not fit")
os.exit(problems == 0 and checked > 0)
