{# As Brian2's own, but an event that needs a flag of the conductor (`flags`, set by `population`) is looked for only in
   the steps in which the flag is set. #}
{# USES_VARIABLES { N } #}
{% extends 'common_group.cpp' %}

{% block maincode %}
    {% set events = get_array_name(eventspace_variable) %}
    {% set flag = owner.flags[eventspace_variable.name[1:-5]] %}
    const int _vectorisation_idx = -1;
    {{scalar_code|autoindent}}
    long _count = 0;
    {% if flag %}
    if({{get_array_name(variables[flag])}}[0])
    {% endif %}
    for(size_t _idx = 0; _idx < N; _idx++)
    {
        const size_t _vectorisation_idx = _idx;
        {{vector_code|autoindent}}
        if(_cond)
            {{events}}[_count++] = _idx;
    }
    {{events}}[N] = _count;
{% endblock %}

{% block after_code %}
{{get_array_name(eventspace_variable)}}[N] = 0;
{% endblock %}
